"""The demo office: the five places, an account for each role, and cases made by playing scenarios."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select

from engine.bpmn.deployment import read_folder
from engine.cases import scenario, sweep
from engine.cases.deploy import deploy
from engine.cases.runtime import Runtime, open_runtime
from engine.cases.verbs import step
from engine.clock.days import day_of
from engine.people import load as people
from engine.people.actor import Actor
from engine.people.roles import read_roles
from engine.store import tables

OPERATOR = Actor("operator", "系统管理员")
SHOWN = (
    "qp_window", "qp_clerk", "qp_survey1", "qp_survey2", "qp_deputy", "qp_head", "qp_recorder", "qp_panel1",
    "hx_village", "gc_check1", "gc_clerk", "gc_supervisor", "cz_city", "cz_analyst", "cz_admin",
    "yd_window", "yd_clerk",
)  # fmt: skip
DEMO_FILE = "processes/places/demo_cases.yaml"


def empty_office(url: str, root: Path) -> Runtime:
    """A store with the units, demo accounts and the folder's files deployed, but no case: for scenarios and tests."""
    runtime = open_runtime(url, root)
    people_and_places(runtime, root)
    with step(runtime, OPERATOR, datetime.now(UTC)) as this:
        deploy(this, read_folder(root))
    return runtime


def people_and_places(runtime: Runtime, root: Path) -> None:
    """Load units and demo accounts; what is there already stays."""
    folder, policy = root / "processes" / "places", root / "processes" / "policy"
    with runtime.store.transaction() as session:
        people.load_places(session, folder)
        people.load_demo_people(session, folder, read_roles(policy / "roles.toml"))
    with runtime.store.transaction(write=False) as session:
        runtime.refresh(session)


@dataclass(frozen=True)
class DemoCase:
    """One demo case: which scenario, played by which family, begun how many working days ago, and until which step.

    `names` are the family's names and numbers in the place of the scenario's; `values` differ from its start form.
    """

    scenario: str
    days_ago: int
    until: datetime | None
    names: Mapping[str, str]
    values: Mapping[str, Any]


def load(runtime: Runtime, root: Path, now: datetime, *, say: Callable[[str], None]) -> int:
    """Load people, places and the demo cases, unless there are cases already; gives the number of cases made."""
    people_and_places(runtime, root)
    with runtime.store.transaction(write=False) as session:
        if session.execute(select(func.count()).select_from(tables.case)).scalar_one():
            return 0
    wanted = read(root)
    for number, each in enumerate(wanted, 1):
        if number % 10 == 1:
            say(f"演示办件 {number}–{min(number + 9, len(wanted))} / {len(wanted)}")
        _play(runtime, root, each, now, number)
    _let_time_pass(runtime, now)
    return len(wanted)


def _let_time_pass(runtime: Runtime, now: datetime) -> None:
    """Let the clock act as it would have: each deadline and each rung of the ladder at its own moment, up to `now`."""
    done: datetime | None = None
    while (moment := _next_moment(runtime, now)) is not None and moment != done:
        sweep.wake_due(runtime, moment)
        sweep.act_due(runtime, moment)
        done = moment


def _next_moment(runtime: Runtime, now: datetime) -> datetime | None:
    d = tables.deadline
    with runtime.store.transaction(write=False) as session:
        due = session.scalar(select(func.min(d.c.due_at)).where(d.c.status == "running", d.c.due_at <= now))
        act = session.scalar(select(func.min(d.c.next_act_at)).where(d.c.next_act_at <= now))
    return min((moment for moment in (due, act) if moment is not None), default=None)


def read(root: Path) -> list[DemoCase]:
    """The demo cases of the folder."""
    content = yaml.safe_load((root / DEMO_FILE).read_text(encoding="utf-8"))
    roles: list[str] = [str(name) for name in content["in_scenarios"]]
    return [
        DemoCase(
            scenario=row["scenario"],
            days_ago=row["ago"],
            until=scenario.moment(row["until"]) if "until" in row else None,
            names=_names(roles, row),
            values=row.get("with", {}),
        )
        for row in content["cases"]
    ]


def _names(roles: list[str], row: Mapping[str, Any]) -> dict[str, str]:
    """Who takes whose place: a family those of most examples in their order, or each by name."""
    if "names" in row:
        return {str(role): str(name) for role, name in row["names"].items()}
    return dict(zip(roles, map(str, row["family"]), strict=False))


def _play(runtime: Runtime, root: Path, wanted: DemoCase, now: datetime, number: int) -> None:
    example = scenario.read(root / "processes" / wanted.scenario)
    begin = day_of(scenario.moment(example.start["at"]))
    report = scenario.Run(
        runtime,
        example,
        shift=scenario.Shift(runtime.calendar(), begin, _workdays_ago(runtime, day_of(now), wanted.days_ago)),
        overrides=wanted.values,
        names=wanted.names,
        until=wanted.until,
        stop=now,
    ).play()
    if not report.ok:
        raise scenario.ScenarioError(f"演示办件 {number}（{wanted.scenario}）：{report.failure}")


def _workdays_ago(runtime: Runtime, today: date, days: int) -> date:
    """The working day so many before the last one that is over: what a scenario does in its afternoon is done."""
    calendar, day = runtime.calendar(), today
    for _ in range(days + 1):
        day -= timedelta(days=1)
        while not calendar.is_workday(day):
            day -= timedelta(days=1)
    return day


def accounts_text(runtime: Runtime, root: Path) -> str:
    """The demo accounts to print at the start: sign-in name, name, and which posts at which unit."""
    content = tomllib.loads((root / "processes" / "places" / people.PEOPLE_FILE).read_text(encoding="utf-8"))
    roles = read_roles(root / "processes" / "policy" / "roles.toml")
    known = {person["id"]: person for person in content["person"]}

    def words(post: str) -> str:
        role, _, unit_id = post.partition("@")
        unit = runtime.units.find(unit_id)
        return f"{unit.name if unit else unit_id} {roles.get(role).name}"

    shown = [known[key] for key in SHOWN if key in known]
    lines = [f"  {person['id']:<14}{person['name']}  {'、'.join(map(words, person['posts']))}" for person in shown]
    return "\n".join([f"演示账号（密码都是 {content['demo_password']}）：", *lines])
