"""Counts what a block does to the database, and its CPU: the numbers a shared machine can't blur."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from engine.cases import Runtime

NOT_COUNTED = ("BEGIN", "SAVEPOINT", "RELEASE")


@dataclass
class Counter:
    """Counts statements and commits of one store."""

    runtime: Runtime
    statements: int = 0
    commits: int = 0

    def __post_init__(self) -> None:
        engine = self.runtime.store.engine
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements += not statement.startswith(NOT_COUNTED)

    def _commit(self, _connection: Any) -> None:
        self.commits += 1


@dataclass
class Sample:
    """What one kind of act has cost, run by run."""

    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    bytes: int = 0

    @contextmanager
    def measured(self, counter: Counter) -> Iterator[None]:
        """Measure one run."""
        statements, commits = counter.statements, counter.commits
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu_ms.append((time.process_time() - cpu) * 1000)
        self.wall_ms.append((time.perf_counter() - wall) * 1000)
        self.statements.append(counter.statements - statements)
        self.commits.append(counter.commits - commits)

    def add(self, other: Sample) -> None:
        """Take the runs of another sample in."""
        for name in ("cpu_ms", "wall_ms", "statements", "commits"):
            getattr(self, name).extend(getattr(other, name))
        self.bytes = max(self.bytes, other.bytes)

    def row(self, name: str, n: int, database: str) -> dict[str, Any]:
        """A row of the table: medians, most statements and commits."""
        return {
            "name": name,
            "n": n,
            "database": database,
            "cpu_ms": round(statistics.median(self.cpu_ms), 2),
            "wall_ms": round(statistics.median(self.wall_ms), 2),
            "statements": max(self.statements),
            "commits": max(self.commits),
            **({"bytes": self.bytes} if self.bytes else {}),
        }
