"""The red rung of a ladder belongs to the diagram: its own reminder is the numbered act, and nobody hears it twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cases import ladder, sweep
from engine.clock.errors import RegisterInvalid
from engine.clock.rungs import load_ladders
from engine.people.roles import read_roles
from engine.store import tables
from tests.support.office import Office, moment

ROOT = Path(__file__).resolve().parents[2]
AFTER = moment("2026-03-10 08:00")  # 5 working days after 2026-03-02 is 2026-03-09


@pytest.fixture
def with_ladder(office: Office, tmp_path: Path) -> Iterator[Office]:
    """The office with the ladder of this checkout."""
    root = office.runtime.root
    shutil.copytree(root / "processes", tmp_path / "processes", dirs_exist_ok=True)
    shutil.copy(ROOT / "processes" / "policy" / ladder.FILE, tmp_path / "processes" / "policy")
    office.runtime.root = tmp_path
    yield office
    office.runtime.root = root


def test_the_reminder_that_the_diagram_draws_is_the_numbered_red_act(with_ladder: Office) -> None:
    case = with_ladder.start("line")
    deadline = with_ladder.deadlines(case)["受理超期"]
    sweep.wake_due(with_ladder.runtime, AFTER)
    act = with_ladder.row(tables.act, kind="红灯")
    assert (act["number"], act["rung"], act["deadline_id"], act["at"]) == (
        "超期〔2026〕1号", 2, deadline["id"], AFTER
    )  # fmt: skip
    assert act["told"] == ["deputy_head@zhen", "county_clerk@xian"]
    (line,) = with_ladder.rows(tables.history, act="overdue")
    assert line["details"]["number"] == act["number"]
    assert all(act["number"] in letter["text"] for letter in with_ladder.rows(tables.outbox, kind="催办"))


def test_the_ladder_itself_leaves_the_red_rung_out(with_ladder: Office) -> None:
    with_ladder.start("line")
    sweep.wake_due(with_ladder.runtime, AFTER)
    sweep.act_due(with_ladder.runtime, moment("2026-03-31"))
    acts = [(row["kind"], row["rung"]) for row in with_ladder.rows(tables.act)]
    assert acts == [("红灯", 2), ("督办", 3), ("督办", 4), ("督办", 5)]


def test_an_office_without_a_ladder_reminds_without_a_number(office: Office, tmp_path: Path) -> None:
    root = office.runtime.root
    office.runtime.root = tmp_path
    office.start("line")
    sweep.wake_due(office.runtime, AFTER)
    office.runtime.root = root
    assert office.rows(tables.act) == []
    assert len(office.rows(tables.outbox, kind="催办")) == 2


# --- what the gate says of the table --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('"D07", "D08"', '"D07", "D99"', "没有编号“D99”"),
        ("deputy_head@unit", "deputy_hed@unit", "没有“deputy_hed”"),
        ("deputy_head@unit", "deputy_head@somewhere", "没有地点“somewhere”"),
        ("deputy_head@unit", "deputy_head", "岗位@地点"),
        ('"prefecture"', '"prefect"', "没有“prefect”"),
        ("window_clerk@application_township", "window_clerk@applicaton", "没有地点“applicaton”"),
    ],
)
def test_a_table_that_names_what_does_not_exist_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    policy = ROOT / "processes" / "policy"
    text = (policy / ladder.FILE).read_text(encoding="utf-8")
    (tmp_path / ladder.FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    roles = [role.id for role in read_roles(policy / "roles.toml")]
    limits = load_ladders(policy / ladder.FILE).rungs.keys()
    ladder.check(policy, roles, limits)
    with pytest.raises(RegisterInvalid, match=said):
        ladder.check(tmp_path, roles, limits)
