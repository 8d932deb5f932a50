"""Items of the civil-affairs department's own: begun from one application, filled in beforehand, seen in one place."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from engine.cases import scenario
from engine.clock.days import SHANGHAI
from engine.store import tables
from tests.support.app import ROOT, World

EXAMPLES = ROOT / "processes" / "one_door" / "scenarios"


def play(world: World, name: str, until: datetime | None = None) -> tuple[int, str]:
    """Play an example, up to a moment; its case and number."""
    report = scenario.Run(world.runtime, scenario.read(EXAMPLES / name), until=until).play()
    assert not report.failure, report.failure
    world.clock.now = until or world.clock.now
    return report.case_id, report.number


def moment(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def accepted(world: World) -> tuple[int, str]:
    """An application for 低保 and 临时救助, accepted by the window and not yet filled in."""
    return play(world, "own_items_begun.yaml", moment(7, 1, 9).replace(minute=35))


def begun(world: World, case_id: int, procedure: str) -> tuple[int, str, str]:
    c = tables.case
    query = select(c.c.id, c.c.number, c.c.follow_code).where(c.c.parent_id == case_id, c.c.procedure == procedure)
    with world.runtime.store.transaction(write=False) as session:
        row = session.execute(query).one()
    return row.id, row.number, row.follow_code


def test_the_form_of_the_item_is_filled_with_what_has_been_registered(world: World, accepted: tuple[int, str]) -> None:
    t, c = tables.task, tables.case
    with world.runtime.store.transaction(write=False) as session:
        task_id = session.execute(select(t.c.id).where(t.c.node_id == "fill_at_window")).scalar_one()
        id_no = session.execute(select(c.c.applicant_id_no).where(c.c.id == accepted[0])).scalar_one()
    page = world.desk("sf_window").get(f"/desk/tasks/{task_id}").text

    for known in ("纪大山", id_no, "13800000001", "先行村2组8号"):
        assert f'value="{known}"' in page
    assert "户主患重病失业，妻子有残疾" in page


def test_one_screen_shows_both_items_with_their_own_cases(world: World, accepted: tuple[int, str]) -> None:
    case_id, _ = accepted
    number = begun(world, case_id, "full_online")[1]
    page = world.desk("sf_window").get(f"/desk/cases/{case_id}").text

    assert "申请事项（2 项，已办结 0 项）" in page
    assert number in page
    assert "填写申请表" in page


def test_the_family_goes_from_its_application_to_the_case_begun_and_back(
    world: World, accepted: tuple[int, str]
) -> None:
    case_id, number = accepted
    child_id, child, _ = begun(world, case_id, "full_online")
    c = tables.case
    with world.runtime.store.transaction(write=False) as session:
        code = session.execute(select(c.c.follow_code).where(c.c.id == case_id)).scalar_one()
    family = world.visitor()
    family.get("/follow")
    family.post("/follow", {"number": number, "code": code})

    family.get(f"/follow/other/{child_id}")
    page = family.get("/follow/case").text
    assert child in page
    assert number in page
    family.get(f"/follow/other/{case_id}")
    assert "申请事项（2 项" in family.get("/follow/case").text
    assert family.get("/follow/other/999").status_code == 404


def test_the_result_comes_back_to_the_line(world: World) -> None:
    case_id, _ = play(world, "own_items_begun.yaml")
    page = world.desk("sf_window").get(f"/desk/cases/{case_id}").text

    assert "已办结 2 项" in page
    assert "先行救助" in page
    assert "确认同意" in page
