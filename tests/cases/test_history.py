"""The history of a case can only grow, and whoever alters it in the database is found out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Executable, text
from sqlalchemy.exc import DatabaseError

from engine.cases import Done, history, sweep
from engine.people.actor import Actor
from engine.store import tables
from tests.support.office import Office, moment


@pytest.fixture
def case(office: Office) -> Done:
    """A case with a whole history."""
    done = office.start("line", at="2026-03-02")
    sweep.wake_due(office.runtime, moment("2026-03-10"))
    office.do(done, "受理", "wang", at="2026-03-11")
    office.do(done, "审核", "li", at="2026-03-12")
    return done


def broken(office: Office) -> list[tuple[str, int, str]]:
    with office.look() as this:
        return [(each.case_number, each.seq, each.reason) for each in history.verify(this.session)]


@contextmanager
def without_guards(office: Office) -> Iterator[None]:
    """What an intruder with the database's password could do."""
    if office.runtime.store.dialect == "sqlite":
        with office.runtime.store.transaction() as session:
            for act in ("update", "delete"):
                session.execute(text(f"drop trigger history_no_{act}"))
        yield
        return
    with office.runtime.store.transaction() as session:
        session.execute(text("alter table history disable trigger user"))
    try:
        yield
    finally:
        with office.runtime.store.transaction() as session:
            session.execute(text("alter table history enable trigger user"))


def tamper(office: Office, *statements: Executable) -> None:
    with without_guards(office), office.runtime.store.transaction() as session:
        for statement in statements:
            session.execute(statement)


def test_every_act_is_a_line_who_what_where_when_and_from_which_form(office: Office, case: Done) -> None:
    lines = office.rows(tables.history, case_id=case.case_id)
    acts = ["started", "fired", "overdue", "completed", "completed", "closed"]
    assert [line["act"] for line in lines] == acts
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5, 6]
    done = lines[3]
    assert (done["by"], done["by_name"], done["unit_id"], done["node_id"]) == ("wang", "王晓梅", "zhen", "受理")
    assert done["at"] == moment("2026-03-11")
    assert done["form_version"] == office.rows(tables.submission)[1]["form_version"]
    assert done["details"]["passed"] == ["line:受理"]
    assert done["details"]["stages"] == ["审核中"]


def test_an_agents_act_says_for_whom(office: Office) -> None:
    office.start("line", Actor("public:", "刘小明", (), "网上 10.0.0.8", "刘桂英"))
    line = office.row(tables.history)
    assert (line["by_name"], line["for_whom"], line["origin"]) == ("刘小明", "刘桂英", "网上 10.0.0.8")


def test_a_sound_history_verifies(office: Office, case: Done) -> None:
    assert office.case(case)["history_count"] == 6
    assert broken(office) == []


@pytest.mark.parametrize("table", ["history", "submission"])
@pytest.mark.parametrize("statement", ["update {} set by_name = '别人'", "delete from {}"])
def test_the_database_refuses_to_change_or_delete_what_was_written(
    office: Office, case: Done, table: str, statement: str
) -> None:
    before = office.everything()
    with pytest.raises(DatabaseError, match="append-only"), office.runtime.store.transaction() as session:
        session.execute(text(statement.format(table)))
    assert office.everything() == before


H = tables.history


@pytest.mark.parametrize(
    "change",
    [{"name": "受理（改）"}, {"by_name": "别人"}, {"at": moment("2026-03-10")}, {"unit_id": "xiang"}, {"details": {}}],
    ids=lambda change: next(iter(change)),
)
def test_an_altered_line_is_found(office: Office, case: Done, change: dict[str, Any]) -> None:
    tamper(office, H.update().where(H.c.seq == 4).values(change))
    assert broken(office) == [(case.number, 4, "内容被改动")]


def test_a_line_cut_out_of_the_middle_is_found(office: Office, case: Done) -> None:
    tamper(office, H.delete().where(H.c.seq == 3))
    assert broken(office) == [(case.number, 3, "缺少一行")]


def test_a_line_cut_out_and_the_rest_renumbered_is_found(office: Office, case: Done) -> None:
    renumbered = [H.update().where(H.c.seq == seq).values(seq=seq - 1) for seq in (4, 5, 6)]
    tamper(office, H.delete().where(H.c.seq == 3), *renumbered)
    assert broken(office) == [(case.number, 3, "内容被改动")]


def test_lines_cut_off_the_end_are_found(office: Office, case: Done) -> None:
    tamper(office, H.delete().where(H.c.seq > 4))
    assert broken(office) == [(case.number, 5, "末尾缺少记录")]


def test_a_history_cut_off_whole_is_found(office: Office, case: Done) -> None:
    tamper(office, H.delete())
    assert broken(office) == [(case.number, 1, "末尾缺少记录")]


def test_only_the_altered_case_is_named(office: Office, case: Done) -> None:
    office.start("line")
    tamper(office, H.update().where(H.c.seq == 2).values(name="别的"))
    assert [number for number, _, _ in broken(office)] == [case.number]
