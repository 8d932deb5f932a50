"""Which elements of the diagrams the dated examples pass: kept in var/ by `jiuzhu scenario`, read by the pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node, Process
from engine.cases.scenario import Report

FILE = Path("var") / "elements.json"


@dataclass(frozen=True)
class Elements:
    """`passed`: `process:node` -> names of the examples that go through it; played on the files of `deployment`."""

    deployment: str
    passed: Mapping[str, tuple[str, ...]]

    def examples(self, process_id: str, node_id: str) -> tuple[str, ...]:
        """Names of the examples that pass the node."""
        return self.passed.get(f"{process_id}:{node_id}", ())


@dataclass(frozen=True)
class Share:
    """How many of a process's elements were passed, and which weren't."""

    process: Process
    passed: int
    missed: tuple[Node, ...]

    @property
    def total(self) -> int:
        return self.passed + len(self.missed)

    @property
    def percent(self) -> float:
        """Of all elements, 0 to 100."""
        return 100 * self.passed / self.total if self.total else 100.0


def keep(root: Path, deployment: Deployment, reports: Iterable[Report]) -> Elements:
    """Keep what these examples passed, beside what others have on the same files before; gives the whole."""
    before = read(root)
    passed = {key: set(names) for key, names in before.passed.items()} if _same(before, deployment) and before else {}
    for report in reports:
        name = f"{report.scenario.path.parents[1].name}/{report.scenario.path.stem}"
        for key in report.passed if report.ok else ():
            passed.setdefault(key, set()).add(name)
    found = Elements(deployment.id, {key: tuple(sorted(names)) for key, names in sorted(passed.items())})
    file = root / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"deployment": found.deployment, "passed": found.passed}, ensure_ascii=False), "utf-8")
    return found


def read(root: Path) -> Elements | None:
    """What was kept last; None when nothing was, or when it can't be read."""
    try:
        content = json.loads((root / FILE).read_text("utf-8"))
        return Elements(str(content["deployment"]), {key: tuple(names) for key, names in content["passed"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def share(process: Process, found: Elements) -> Share:
    """How far the examples go through a process, its subprocesses included."""
    nodes = list(process.every_node())
    missed = tuple(node for node in nodes if not found.examples(process.id, node.id))
    return Share(process, len(nodes) - len(missed), missed)


def _same(found: Elements | None, deployment: Deployment) -> bool:
    return found is not None and found.deployment == deployment.id
