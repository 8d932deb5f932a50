"""A small office on a real database: real units, accounts and diagrams, and short words for what people do there."""

from __future__ import annotations

import itertools
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Table, delete, event, insert, make_url, select, text

from engine import cases
from engine.bpmn.run import Live
from engine.cases import Done, Entries, Runtime, Step, deploy, open_runtime
from engine.clock.days import SHANGHAI, day_of
from engine.people import accounts, load
from engine.people.actor import Actor, public
from engine.people.roles import read_roles
from engine.store import tables
from tests.support import office_files

ID_NUMBER = "11010519491231002X"  # the sample number of GB 11643, nobody's
OPERATOR = Actor("operator", "系统管理员")
FAMILY: Mapping[str, str] = {
    "applicantName": "刘桂英",
    "idNo": ID_NUMBER,
    "phone": "13800000000",
    "itemId": "低保",
    "appliedSize": "3",
    "accountNo": "6222020000000000000",
    "receiving": "zhen",
    "hukou": "zhen",
    "village": "zhen_cun",
}


def moment(text: str) -> datetime:
    """`2026-03-02 09:00` on Shanghai's clock (`2026-03-02` is at nine)."""
    found = datetime.fromisoformat(text if ":" in text else f"{text} 09:00")
    return found.replace(tzinfo=SHANGHAI).astimezone(UTC)


@dataclass
class Office:
    """One office; `reload` forgets the live cases before each step, as another process would never have had them."""

    runtime: Runtime
    now: datetime = field(default_factory=lambda: moment("2026-03-02"))
    reload: bool = False
    people: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)  # accounts and posts as at the start
    _keys: Iterator[int] = field(default_factory=itertools.count)

    # -- who and when

    def actor(self, who: str | Actor) -> Actor:
        """A member of staff with today's posts."""
        if isinstance(who, Actor):
            return who
        with self.runtime.store.transaction(write=False) as session:
            found = accounts.find(session, who, day_of(self.now))
        assert found is not None, who
        return found

    def citizen(self, number: str = "", name: str = "刘桂英") -> Actor:
        return public(number, name)

    @contextmanager
    def step(self, who: str | Actor = OPERATOR, at: str = "") -> Iterator[Step]:
        """A step of this person, committed at its end."""
        if self.reload:
            self.runtime.live.clear()
        if at:
            self.now = moment(at)
        with cases.step(self.runtime, self.actor(who), self.now) as this:
            yield this

    @contextmanager
    def look(self, who: str | Actor = OPERATOR, at: str = "") -> Iterator[Step]:
        """A step that only reads."""
        actor = self.actor(who)
        with self.runtime.store.transaction(write=False) as session:
            yield Step(self.runtime, session, actor, moment(at) if at else self.now)

    # -- what people do

    def key(self) -> str:
        """A new form's key."""
        return f"key-{next(self._keys)}"

    def start(self, procedure: str, who: str | Actor = "wang", *, at: str = "", key: str = "", **fields: str) -> Done:
        """A family applies; `fields` differ from the usual family's."""
        with self.step(who, at) as this:
            return cases.start(this, procedure, entries(**{**FAMILY, **fields}), key or self.key())

    def complete(self, task_id: str, who: str | Actor, *, at: str = "", key: str = "", **fields: str) -> Done:
        """A task is completed with these answers, or with a plain note."""
        with self.step(who, at) as this:
            return cases.complete(this, task_id, entries(**(fields or {"意见": "同意"})), key or self.key())

    def do(self, case: Done, node_id: str, who: str | Actor, *, at: str = "", **fields: str) -> Done:
        """The same by the name of the open task's node."""
        return self.complete(self.open(case, node_id), who, at=at, **fields)

    def send(self, case: Done, node_id: str, who: str | Actor, *, at: str = "", key: str = "", **fields: str) -> Done:
        """A message that a case waits for at this node."""
        token = self.waiting(case, node_id)
        with self.step(who, at) as this:
            return cases.send(this, case.case_id, token, entries(**fields), key or self.key())

    def claim(self, task_id: str, who: str | Actor) -> None:
        with self.step(who) as this:
            cases.claim(this, task_id)

    def release(self, task_id: str, who: str | Actor) -> None:
        with self.step(who) as this:
            cases.release(this, task_id)

    # -- what there is

    def rows(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table in the order of its key."""
        query = select(table).order_by(*table.primary_key.columns)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        with self.runtime.store.transaction(write=False) as session:
            return [{**row} for row in session.execute(query).mappings()]

    def row(self, table: Table, **where: Any) -> dict[str, Any]:
        """The one row there is."""
        (found,) = self.rows(table, **where)
        return found

    def case(self, case: Done) -> dict[str, Any]:
        return self.row(tables.case, id=case.case_id)

    def tasks(self, case: Done, status: str = "open") -> dict[str, dict[str, Any]]:
        """The case's tasks of this status by node."""
        return {row["node_id"]: row for row in self.rows(tables.task, case_id=case.case_id, status=status)}

    def open(self, case: Done, node_id: str) -> str:
        """Id of the open task at a node."""
        return str(self.tasks(case)[node_id]["id"])

    def deadlines(self, case: Done) -> dict[str, dict[str, Any]]:
        """The case's deadlines by node."""
        return {row["node_id"]: row for row in self.rows(tables.deadline, case_id=case.case_id)}

    def waiting(self, case: Done, node_id: str) -> str:
        """Id of the token that waits at a node, as the engine knows it."""
        row = self.case(case)
        with self.look() as this:
            deployment = this.runtime.deployment(this.session, row["deployment_id"])
        waiting = Live.load(row["state"], deployment.specs).waiting()
        return next(key for key, token in waiting.items() if token.node.id == node_id)

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        return {table.name: self.rows(table) for table in tables.metadata.sorted_tables}


def entries(**fields: str) -> Entries:
    """A form as a browser sends it."""
    return Entries({name: [value] for name, value in fields.items()})


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Results of calls made at the same time, each from a thread of its own; an error is its result."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def behind(office: Office, who: str | Actor, first: Callable[[Step], Any], second: Callable[[], Any]) -> list[Any]:
    """Results of two steps of which the second begins while the first is done but not yet committed."""

    def run() -> Any:
        try:
            return second()
        except Exception as error:
            return error

    with ThreadPoolExecutor(1) as pool:
        with office.step(who) as this:
            result = first(this)
            waiting = pool.submit(run)
            time.sleep(0.2)  # the second reads and then waits for the first
        return [result, waiting.result(20)]


@dataclass
class Traffic:
    """What went to the database during a block."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0
    rollbacks: int = 0


class PowerCut(BaseException):
    """Not an error that anybody could catch: the process is gone."""


@contextmanager
def watched(runtime: Runtime, stop_before: int | None = None, *, stop_at_commit: bool = False) -> Iterator[Traffic]:
    """Count statements (BEGIN and savepoints left out), commits and rollbacks.

    `stop_before` cuts the power before that statement (0 is the first), `stop_at_commit` before the commit.
    """
    engine, traffic = runtime.store.engine, Traffic()

    def on_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("BEGIN"):
            return
        if stop_before is not None and len(traffic.statements) == stop_before:
            raise PowerCut
        traffic.statements.append(statement)

    def on_commit(_connection: Any) -> None:
        if stop_at_commit:
            raise PowerCut
        traffic.commits += 1

    def on_rollback(_connection: Any) -> None:
        traffic.rollbacks += 1

    listeners: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", on_statement),
        ("commit", on_commit),
        ("rollback", on_rollback),
    ]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield traffic
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


def open_office(url: str, root: Path) -> Office:
    """A new office: places and people loaded, diagrams and forms deployed."""
    for path, content in office_files.policy().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    office = Office(open_runtime(url, root))
    with office.step() as this:
        load.load_places(this.session, root / "processes" / "places")
        roles = read_roles(root / "processes" / "policy" / "roles.toml")
        load.load_demo_people(this.session, root / "processes" / "places", roles)
        this.runtime.refresh(this.session)
        deploy.deploy(this, office_files.files())
    return office


@contextmanager
def database_at(server_url: str) -> Iterator[str]:
    """Address of a new database on a PostgreSQL server, dropped afterwards."""
    name, server = f"office_{uuid.uuid4().hex}", make_url(server_url)
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


PEOPLE = (tables.account, tables.post)
OFFICE_TABLES = {"unit", "account", "post", "content", "deployment", "deployment_file"}
CASE_TABLES = tuple(table for table in tables.metadata.sorted_tables if table.name not in OFFICE_TABLES)


@pytest.fixture(scope="session")
def office_on_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an office on SQLite, made once; every test gets a copy of its database."""
    folder = tmp_path_factory.mktemp("office")
    open_office(f"sqlite:///{folder / 'office.db'}", folder).runtime.store.close()
    return folder


@pytest.fixture(scope="session")
def office_on_server(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office on PostgreSQL, made once; every test finds it without cases."""
    with database_at(postgres_url) as url:
        office = open_office(url, tmp_path_factory.mktemp("office"))
        office.people = {table.name: office.rows(table) for table in PEOPLE}
        yield office
        office.runtime.store.close()


@pytest.fixture
def small_offices(office_on_file: Path, tmp_path: Path) -> Iterator[Callable[[], Office]]:
    """Makes offices without cases on SQLite."""
    opened: list[Office] = []

    def make() -> Office:
        path = tmp_path / f"office{len(opened)}.db"
        shutil.copy(office_on_file / "office.db", path)
        opened.append(Office(open_runtime(f"sqlite:///{path}", office_on_file)))
        return opened[-1]

    yield make
    for office in opened:
        office.runtime.store.close()


@pytest.fixture
def server_offices(office_on_server: Office) -> Callable[[], Office]:
    """Makes offices without cases on PostgreSQL, one at a time: the one before loses its cases, and who came or left
    meanwhile is as at the start."""
    names = ", ".join(f'"{table.name}"' for table in CASE_TABLES)

    def make() -> Office:
        with office_on_server.runtime.store.transaction() as session:
            session.execute(text(f"truncate {names} restart identity"))
            for table in reversed(PEOPLE):
                session.execute(delete(table))
            for table in PEOPLE:
                session.execute(insert(table), office_on_server.people[table.name])
        office_on_server.runtime.live.clear()
        office_on_server.runtime.calendars.look()
        return Office(office_on_server.runtime)

    return make


@pytest.fixture
def small_office(small_offices: Callable[[], Office]) -> Office:
    """The office on SQLite alone, for what doesn't depend on the database."""
    return small_offices()


@pytest.fixture(params=["small_offices", pytest.param("server_offices", marks=pytest.mark.postgres)])
def offices(request: pytest.FixtureRequest) -> Callable[[], Office]:
    """Makes offices without cases, on both databases."""
    found: Callable[[], Office] = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def office(offices: Callable[[], Office]) -> Office:
    """The office on both databases."""
    return offices()
