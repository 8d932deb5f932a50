"""The door to the database: one engine a process, one transaction a request or woken timer."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, Table, create_engine, event, make_url
from sqlalchemy import Connection as Session
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.migrate import bring_up_to_date

__all__ = ["Session", "Store", "open_store"]


@dataclass(frozen=True)
class Store:
    """An opened database; `transaction()` is the only way to read or write it."""

    engine: Engine

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextlib.contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """One transaction: committed once at the end, rolled back whole on any error.

        `write=False` takes no write lock (SQLite) and rolls back at the end.
        """
        with self.engine.connect() as session:
            if write and self.dialect == "sqlite":
                session = session.execution_options(jiuzhu_write=True)
            yield session
            if write:
                _commit(session)

    @contextlib.contextmanager
    def glance(self) -> Iterator[Session]:
        """A short look in the middle of somebody's step, over a connection of its own: whoever holds one of the pool
        must never wait for a second. One at a time."""
        with self._beside.connect() as session:
            yield session

    @functools.cached_property
    def _beside(self) -> Engine:
        return _engine(self.engine.url, pool_size=1, max_overflow=0)

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that may say what to do when the row is there already (ON CONFLICT)."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def close(self) -> None:
        self.engine.dispose()
        if "_beside" in vars(self):
            self._beside.dispose()


def open_store(url: str) -> Store:
    """Open `sqlite:///path` or `postgresql+psycopg://…`, creating or upgrading the tables."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(make_url(url), pool_size=10, max_overflow=20)
    bring_up_to_date(engine)
    return Store(engine)


def _commit(session: Session) -> None:
    """Commit; a connection whose commit failed stands anywhere, so nobody gets it again."""
    try:
        session.commit()
    except BaseException:
        session.invalidate()
        raise


def _engine(url: URL, *, pool_size: int, max_overflow: int) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_engine(url, pool_size=pool_size, max_overflow=max_overflow)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("busy_timeout=30000", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("jiuzhu_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: Any) -> None:
    """Journal by write-ahead log. A new file can be switched by one process at a time, and SQLite doesn't wait."""
    for patience in range(100):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if patience == 99:
                raise
            time.sleep(0.1)
        else:
            return
