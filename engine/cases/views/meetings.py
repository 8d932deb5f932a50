"""联席会议: meetings held and coming, who signed the minutes, and how far what was decided is (S1-21, S1-61, S2-30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, or_, select

from engine.cases.runtime import Step
from engine.cases.views import clocks
from engine.clock.days import SHANGHAI
from engine.people import accounts
from engine.people.actor import Actor
from engine.store import tables

C, S, T = tables.case, tables.submission, tables.task
MEETING, ACTION = "joint_meeting", "meeting_action"
PLAN, MINUTES, SIGNED, UNSIGNED = (
    "meeting_plan",
    ("meeting_minutes", "township_meeting_minutes"),
    "meeting_sign",
    "meeting_unsigned",
)
KEPT_BY = frozenset({"county_clerk", "county_head", "liaison", "civil_affairs_clerk", "township_head", "supervisor"})
HELD, COMING, DROPPED = "已召开", "准备中", "没有召开"
STATES = (HELD, COMING, DROPPED)
TOOK_PLACE = "会议已召开"  # the outcome of a meeting that was held


@dataclass(frozen=True)
class Attendant:
    """Somebody who took part and has to sign the minutes; `said` is another opinion, or why nothing was signed."""

    name: str
    state: str  # 已签字, 待签字, 没有签字
    said: str


@dataclass(frozen=True)
class Decided:
    """One matter that was decided, and how far the unit responsible for it is."""

    matter: str
    unit: str
    by: str
    state: str
    case_id: int | None
    light: str | None
    due_text: str


@dataclass(frozen=True)
class Meeting:
    """One meeting of the register."""

    case_id: int
    number: str
    level: str
    unit: str
    state: str
    stage: str
    day: str
    topics: Sequence[str]
    discussed: str
    attendants: Sequence[Attendant]
    others: Sequence[str]
    decided: Sequence[Decided]


@dataclass(frozen=True)
class Register:
    """One page of the register, the newest first."""

    rows: list[Meeting]
    total: int
    page: int
    pages: int
    years: list[int]


def may_look(actor: Actor) -> bool:
    """Whether the menu shows the register."""
    return any(post.role in KEPT_BY for post in actor.posts)


def listing(this: Step, *, year: int | None = None, state: str = "", page: int = 1, size: int = 20) -> Register:
    """The meetings in the actor's sight."""
    which = list(_which(this, year, state))
    total = int(this.session.execute(select(func.count()).select_from(C).where(*which)).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    columns = [column for column in C.c if column.name != "state"]
    query = select(*columns).where(*which).order_by(C.c.started_at.desc(), C.c.id.desc())
    rows = this.session.execute(query.limit(size).offset((page - 1) * size)).mappings().all()
    return Register(_meetings(this, rows), total, page, pages, _years(this))


def _which(this: Step, year: int | None, state: str) -> Iterator[ColumnElement[bool]]:
    yield C.c.procedure == MEETING
    yield this.runtime.scope.visible_cases(this.actor)
    if year:
        yield C.c.started_at >= datetime(year, 1, 1, tzinfo=SHANGHAI)
        yield C.c.started_at < datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
    if state == HELD:
        yield C.c.outcome == TOOK_PLACE
    elif state == COMING:
        yield C.c.status == "open"
    elif state == DROPPED:
        yield C.c.status != "open"
        yield or_(C.c.outcome.is_(None), C.c.outcome != TOOK_PLACE)


def _years(this: Step) -> list[int]:
    query = select(func.min(C.c.started_at), func.max(C.c.started_at)).where(*_which(this, None, ""))
    first, last = this.session.execute(query).one()
    if first is None:
        return []
    return list(range(last.astimezone(SHANGHAI).year, first.astimezone(SHANGHAI).year - 1, -1))


def _meetings(this: Step, rows: Sequence[RowMapping]) -> list[Meeting]:
    ids = [row["id"] for row in rows]
    forms, signings, actions = _forms(this, ids), _signings(this, ids), _actions(this, ids)
    names = accounts.names_of(this.session, (_assignee(task) for tasks in signings.values() for task in tasks))
    return [
        _meeting(this, row, forms.get(row["id"], []), signings.get(row["id"], []), actions.get(row["id"], []), names)
        for row in rows
    ]


def _by_case(rows: Sequence[RowMapping], column: str) -> dict[int, list[RowMapping]]:
    found: dict[int, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def _forms(this: Step, ids: Sequence[int]) -> dict[int, list[RowMapping]]:
    wanted = (PLAN, *MINUTES, SIGNED, UNSIGNED)
    query = select(S).where(S.c.case_id.in_(ids), S.c.form_id.in_(wanted)).order_by(S.c.id)
    return _by_case(this.session.execute(query).mappings().all(), "case_id")


def _signings(this: Step, ids: Sequence[int]) -> dict[int, list[RowMapping]]:
    query = select(T).where(T.c.case_id.in_(ids), T.c.form_id == SIGNED).order_by(T.c.created_at, T.c.id)
    return _by_case(this.session.execute(query).mappings().all(), "case_id")


@dataclass(frozen=True)
class Action:
    """The case of one matter: whether the reader may open it, and the step that is open now."""

    case: RowMapping
    seen: bool
    step: RowMapping | None


def _actions(this: Step, ids: Sequence[int]) -> dict[int, list[Action]]:
    columns = [column for column in C.c if column.name != "state"]
    begun = (C.c.parent_id.in_(ids), C.c.procedure == ACTION)
    rows = this.session.execute(select(*columns).where(*begun).order_by(C.c.id)).mappings().all()
    seen = set(this.session.scalars(select(C.c.id).where(*begun, this.runtime.scope.visible_cases(this.actor))))
    open_now = select(T).where(T.c.case_id.in_([row["id"] for row in rows]), T.c.status == "open")
    steps = {task["case_id"]: task for task in this.session.execute(open_now).mappings()}
    found: dict[int, list[Action]] = {}
    for row in rows:
        found.setdefault(row["parent_id"], []).append(Action(row, row["id"] in seen, steps.get(row["id"])))
    return found


def _assignee(task: RowMapping) -> str:
    return str(task["assignee"] or "")


def _meeting(
    this: Step,
    row: RowMapping,
    forms: Sequence[RowMapping],
    signings: Sequence[RowMapping],
    actions: Sequence[Action],
    names: Mapping[str, str],
) -> Meeting:
    plan = _newest(forms, PLAN)
    minutes = _newest(forms, *MINUTES)
    places = row["places"] or {}
    township = places.get("meeting_township")
    unit = this.runtime.units.find(township or places.get("county"))
    return Meeting(
        case_id=row["id"],
        number=row["number"],
        level="镇级" if township else "县级",
        unit=unit.name if unit else "",
        state=_state(row),
        stage=row["stage"],
        day=str(minutes.get("召开日期") or plan.get("拟开日期") or ""),
        topics=[str(each.get("题目", "")) for each in plan.get("议题") or ()],
        discussed=str(minutes.get("讨论情况") or ""),
        attendants=[_attendant(task, forms, names) for task in signings],
        others=[f"{each.get('单位', '')}：{each.get('到会人', '')}" for each in minutes.get("到会单位") or ()],
        decided=list(_decided(this, minutes.get("议定事项") or (), list(actions))),
    )


def _state(row: RowMapping) -> str:
    if row["status"] == "open":
        return COMING
    return HELD if row["outcome"] == TOOK_PLACE else DROPPED


def _newest(forms: Sequence[RowMapping], *form_ids: str) -> Mapping[str, Any]:
    return next((form["values"] for form in reversed(forms) if form["form_id"] in form_ids), {})


def _attendant(task: RowMapping, forms: Sequence[RowMapping], names: Mapping[str, str]) -> Attendant:
    own = [form for form in forms if form["instance"] == task["instance"]]
    name = names.get(_assignee(task), _assignee(task))
    if task["status"] == "open":
        return Attendant(name, "待签字", "")
    if task["status"] == "done":
        return Attendant(name, "已签字", str(_newest(own, SIGNED).get("不同意见") or ""))
    return Attendant(name, "没有签字", str(_newest(own, UNSIGNED).get("未签原因") or ""))


def _decided(this: Step, matters: Sequence[Mapping[str, Any]], actions: list[Action]) -> Iterator[Decided]:
    """Each matter with the case begun for it: in their order, the first that the same unit is responsible for."""
    for matter in matters:
        unit_id = matter.get("责任单位")
        unit = this.runtime.units.find(str(unit_id or ""))
        mine = next((one for one in actions if (one.case["places"] or {}).get("responsible") == unit_id), None)
        if mine is not None:
            actions.remove(mine)
        step = {**mine.step} if mine and mine.step else None
        yield Decided(
            matter=str(matter.get("事项", "")),
            unit=unit.name if unit else "",
            by=str(matter.get("要求完成日") or ""),
            state=(mine.case["outcome"] or mine.case["stage"]) if mine else "还没有交办",
            case_id=mine.case["id"] if mine and mine.seen else None,
            light=clocks.light_of(step, this.now) if step else None,
            due_text=clocks.due_text(step) if step else "",
        )
