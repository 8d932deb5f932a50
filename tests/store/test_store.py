"""The door to the database: one transaction, aware times, tables made once however many open it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import DatabaseError, StatementError

from engine.store import tables
from engine.store.database import Store, open_store
from tests.support.office import Office, at_once, database_at

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'empty.db'}"
    url: str = request.getfixturevalue("postgres_database")
    return url


def message(key: str, **more: object) -> dict[str, object]:
    return {"key": key, "kind": "通知", "title": "t", "text": "t", "to_applicant": False, "created_at": NOW, **more}


def keys(store: Store) -> list[str]:
    with store.transaction(write=False) as session:
        return list(session.execute(select(tables.outbox.c.key).order_by(tables.outbox.c.id)).scalars())


def test_a_new_database_gets_every_table_and_a_second_opening_changes_nothing(address: str) -> None:
    for _ in range(2):
        store = open_store(address)
        found = set(inspect(store.engine).get_table_names())
        store.close()
        assert found == {*tables.metadata.tables, "alembic_version"}


def test_two_processes_may_open_a_new_database_at_the_same_time(address: str) -> None:
    wait_then_open = (
        "import sys; from engine.store.database import open_store; "
        "print('ready', flush=True); input(); open_store(sys.argv[1]).close()"
    )
    command = [sys.executable, "-W", "error", "-c", wait_then_open, address]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert [(process.returncode, each) for process, each in zip(processes, said, strict=True)] == [(0, "")] * 2


def test_two_threads_may_open_a_new_database_at_the_same_time(address: str) -> None:
    stores = at_once(*[lambda: open_store(address)] * 3)
    assert [type(each) for each in stores] == [Store] * 3
    for store in stores:
        assert keys(store) == []
        store.close()


def test_a_transaction_is_written_whole_or_not_at_all(office: Office) -> None:
    store = office.runtime.store
    with store.transaction() as session:
        session.execute(insert(tables.outbox), [message("a"), message("b")])

    def write_then_fail(*wrong: str) -> None:
        with store.transaction() as session:
            session.execute(insert(tables.outbox), [message("c")])
            session.execute(insert(tables.outbox), [message(key) for key in wrong])
            raise ZeroDivisionError

    for error, wrong in ((ZeroDivisionError, ("d",)), (DatabaseError, ("d", "a"))):
        with pytest.raises(error):
            write_then_fail(*wrong)
    assert keys(store) == ["a", "b"]


def test_a_reading_transaction_leaves_nothing_behind(office: Office) -> None:
    store = office.runtime.store
    with store.transaction(write=False) as session:
        session.execute(insert(tables.outbox), [message("a")])
    assert keys(store) == []


def test_a_reader_is_not_held_up_by_a_writer(office: Office) -> None:
    store = office.runtime.store
    with store.transaction() as session:
        session.execute(insert(tables.outbox), [message("a")])
        assert keys(store) == []
    assert keys(store) == ["a"]


def test_writers_wait_for_each_other_and_none_is_lost(office: Office) -> None:
    store = office.runtime.store

    def write(key: str) -> None:
        with store.transaction() as session:
            count = len(list(session.execute(select(tables.outbox.c.key))))
            session.execute(insert(tables.outbox), [message(f"{key}-{count}")])

    assert at_once(*[lambda key=key: write(key) for key in "abcdef"]) == [None] * 6
    assert sorted(key[0] for key in keys(store)) == list("abcdef")


def test_times_come_back_as_the_same_moment_in_utc(office: Office) -> None:
    store = office.runtime.store
    shanghai = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with store.transaction() as session:
        session.execute(insert(tables.outbox), [message("a", created_at=shanghai)])
        found = session.execute(select(tables.outbox.c.created_at)).scalar_one()
    assert found == shanghai
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(office: Office) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"), office.runtime.store.transaction() as session:
        session.execute(insert(tables.outbox), [message("a", created_at=naive)])


def test_moments_are_compared_as_moments(office: Office) -> None:
    store = office.runtime.store
    rows = [message(str(hours), created_at=NOW + timedelta(hours=hours, microseconds=hours)) for hours in (0, 1, 11)]
    with store.transaction() as session:
        session.execute(insert(tables.outbox), rows)
        o = tables.outbox.c
        query = select(o.key).where(o.created_at <= NOW + timedelta(hours=1, microseconds=1)).order_by(o.created_at)
        assert list(session.execute(query).scalars()) == ["0", "1"]


def test_a_row_that_refers_to_nothing_is_refused(office: Office) -> None:
    with pytest.raises(DatabaseError), office.runtime.store.transaction() as session:
        session.execute(insert(tables.outbox), [message("a", case_id=4711)])


@pytest.mark.postgres
def test_the_tables_of_both_databases_have_the_same_columns(postgres_url: str, tmp_path: Path) -> None:
    found = []
    with database_at(postgres_url) as server:
        for url in (f"sqlite:///{tmp_path / 'a.db'}", server):
            store = open_store(url)
            look = inspect(store.engine)
            found.append(
                {name: sorted(column["name"] for column in look.get_columns(name)) for name in look.get_table_names()}
            )
            store.close()
    assert found[0] == found[1]
