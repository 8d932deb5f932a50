"""An application's items with the departments that handle them, and the ledger 受理、转办、办理结果登记表 (S1-50)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.cases.runtime import Step
from engine.cases.views import clocks
from engine.cases.views.own_part import own_part, whole_or_own
from engine.people.actor import Actor
from engine.people.catalogue import read_catalogue
from engine.people.scope import Scope
from engine.store import tables
from engine.store.referrals import referral
from forms.mask import mask_id, mask_name

R, C, T = referral, tables.case, tables.task
FORM = "help_application"  # by whose fields a reader's sight of names is set
Steps = Mapping[tuple[int, str], Mapping[str, Any]]
ENDED = ("已办结", "不符合", "已转介", "已告知转送", "不在受理期", "申请人不同意转介", "已撤回")


@dataclass(frozen=True)
class Begun:
    """The case by which a window's own item is handled: begun for the application, ended by itself."""

    id: int
    number: str
    stage: str
    light: str | None
    provisional: bool
    due_text: str


@dataclass(frozen=True)
class Line:
    """One item of an application: who handles it, how far it is, and the limit that runs for it now."""

    item: str
    unit: str
    number: str
    state: str
    result: str
    said: str
    at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    interim_at: datetime | None
    result_at: datetime | None
    told_at: datetime | None
    step: str
    due_text: str
    light: str | None
    provisional: bool
    begun: Begun | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be done about it."""
        return self.state in ENDED


@dataclass(frozen=True)
class LedgerRow:
    """One row of the ledger (domain 5.14)."""

    number: int
    case_id: int
    case_number: str
    applicant: str
    id_no: str
    phone: str
    clerk: str
    liaison: str
    told_how: str
    late: bool
    note: str
    line: Line


@dataclass(frozen=True)
class Ledger:
    """One page of the ledger; `states` are those that occur."""

    rows: list[LedgerRow]
    total: int
    page: int
    pages: int
    states: list[str]


def lines(this: Step, case_id: int) -> list[Line]:
    """The items of an application in their order; empty for a case of another procedure. A department sees its own."""
    query = select(R).where(R.c.case_id == case_id, *_own(this, case_id)).order_by(R.c.id)
    rows = [{**row} for row in this.session.execute(query).mappings()]
    steps = _open_steps(this, [case_id]) if rows else {}
    begun = _begun(this, case_id) if rows else {}
    return [_line(this, row, steps, begun.get(row["item_id"])) for row in rows]


def _own(this: Step, case_id: int) -> Iterator[ColumnElement[bool]]:
    columns = (C.c.id, C.c.procedure, C.c.deployment_id)
    case = this.session.execute(select(*columns).where(C.c.id == case_id)).mappings().one()
    own = own_part(this, this.runtime.deployment(this.session, case["deployment_id"]), {**case})
    if own is not None:
        yield R.c.instance.in_(sorted(own.instances))


def _begun(this: Step, case_id: int) -> dict[str, Begun]:
    """By item the newest case that this one began for it, as far as the actor sees it; a family sees its own."""
    own = C.alias()
    same = select(own.c.applicant_id_no).where(own.c.id == case_id).scalar_subquery()
    seen = C.c.applicant_id_no == same if this.actor.is_public else this.runtime.scope.visible_cases(this.actor)
    columns = [column for column in C.c if column.name != "state"]
    query = select(*columns).where(C.c.parent_id == case_id, seen).order_by(C.c.id)
    found = {
        (row["procedure"], row["item"]): _case_begun(this, {**row}) for row in this.session.execute(query).mappings()
    }
    items = read_catalogue(this.runtime.root / "processes" / "policy").items
    return {item.id: found[key] for item in items if (key := (item.procedure, item.applies)) in found}


def _case_begun(this: Step, row: Mapping[str, Any]) -> Begun:
    waits = row["status"] == "open" and row["due_at"] is not None
    return Begun(
        id=row["id"],
        number=row["number"],
        stage=row["outcome"] or row["stage"],
        light=clocks.light_of({**row}, this.now) if waits else None,
        provisional=bool(row["provisional"]),
        due_text=clocks.due_text({**row}) if waits else "",
    )


def ledger(this: Step, *, state: str = "", search: str = "", page: int = 1, size: int = 50) -> Ledger:
    """The rows in the actor's sight, newest first, by state and by name, number of the case or of the slip."""
    which = list(_which(this, state, search))
    base = select(R, *_shown()).join(C, C.c.id == R.c.case_id).where(*which)
    total = this.session.execute(select(func.count()).select_from(R.join(C, C.c.id == R.c.case_id)).where(*which))
    count = int(total.scalar_one())
    pages = max(1, -(-count // size))
    page = min(max(1, page), pages)
    found = _rows(this, base.order_by(R.c.id.desc()).limit(size).offset((page - 1) * size), count - (page - 1) * size)
    return Ledger(found, count, page, pages, _states(this))


def whole(this: Step, *, state: str = "", search: str = "") -> list[LedgerRow]:
    """The same without pages, oldest first, for a file."""
    base = select(R, *_shown()).join(C, C.c.id == R.c.case_id).where(*_which(this, state, search))
    return list(reversed(_rows(this, base.order_by(R.c.id.desc()), None)))


def may_look(scope: Scope, actor: Actor) -> bool:
    """Whether the menu shows the ledger: to windows, their townships, counties and departments."""
    kept_by = {"window_clerk", "civil_affairs_clerk", "county_clerk", "county_supervisor", "liaison"}
    return bool(kept_by & actor.roles & {role.id for role in scope.roles})


def _which(this: Step, state: str, search: str) -> Iterator[ColumnElement[bool]]:
    yield this.runtime.scope.visible_cases(this.actor)
    yield whole_or_own(this, R)
    if state:
        yield R.c.state == state
    if search:
        yield or_(
            C.c.applicant_name == search,
            C.c.applicant_id_no == search.upper(),
            C.c.number == search.upper(),
            R.c.number == search,
        )


def _shown() -> Sequence[ColumnElement[Any]]:
    return (
        C.c.number.label("case_number"),
        C.c.applicant_name,
        C.c.applicant_id_no,
        C.c.applicant_phone,
    )


def _states(this: Step) -> list[str]:
    query = select(R.c.state).join(C, C.c.id == R.c.case_id).where(*_which(this, "", ""))
    return sorted(this.session.execute(query.distinct()).scalars())


def _rows(this: Step, query: Select[Any], last: int | None) -> list[LedgerRow]:
    rows = [{**row} for row in this.session.execute(query).mappings()]
    steps = _open_steps(this, [row["case_id"] for row in rows])
    late = _late(this, [row["case_id"] for row in rows])
    scope = this.runtime.scope
    plain = scope.visible_fields(scope.roles_of(this.actor), FORM).look("applicantName", "name") == "plain"
    first = len(rows) if last is None else last
    return [
        LedgerRow(
            number=first - place,
            applicant=_name(row, plain),
            late=(row["case_id"], row["instance"]) in late,
            line=_line(this, row, steps),
            **_person(row),
        )
        for place, row in enumerate(rows)
    ]


def _name(row: Mapping[str, Any], plain: bool) -> str:
    name = row["applicant_name"] or ""
    return name if plain else mask_name(name)


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "case_id": row["case_id"],
        "case_number": row["case_number"],
        "id_no": mask_id(row["applicant_id_no"] or ""),
        "phone": row["applicant_phone"] or "",
        "clerk": row["clerk"] or "",
        "liaison": row["liaison"] or "",
        "told_how": row["told_how"] or "",
        "note": row["note"] or "",
    }


def _open_steps(this: Step, case_ids: Sequence[int]) -> Steps:
    """The open task of each item that falls due first."""
    query = select(T).where(T.c.case_id.in_(set(case_ids)), T.c.status == "open", T.c.instance.is_not(None))
    found: dict[tuple[int, str], Mapping[str, Any]] = {}
    for row in this.session.execute(query.order_by(T.c.due_at.desc(), T.c.id)).mappings():
        found[row["case_id"], row["instance"]] = {**row}
    return found


def _late(this: Step, case_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Which items have a step that was done too late, or is too late now."""
    over = or_(T.c.late, and_(T.c.status == "open", T.c.due_at < this.now))
    query = select(T.c.case_id, T.c.instance).where(T.c.case_id.in_(set(case_ids)), T.c.instance.is_not(None), over)
    return {(row.case_id, row.instance) for row in this.session.execute(query.distinct())}


def _line(this: Step, row: Mapping[str, Any], steps: Steps, begun: Begun | None = None) -> Line:
    unit = this.runtime.units.find(row["unit_id"])
    open_step = steps.get((row["case_id"], row["instance"] or ""))
    return Line(
        item=row["item"],
        unit=unit.name if unit else "",
        number=row["number"] or "",
        state=row["state"],
        result=row["result"] or "",
        said=row["said"] or "",
        **{name: row[name] for name in ("at", "sent_at", "received_at", "interim_at", "result_at", "told_at")},
        step=open_step["name"] if open_step else "",
        due_text=clocks.due_text(open_step) if open_step and open_step["due_at"] else "",
        light=clocks.light_of(open_step, this.now) if open_step and open_step["due_at"] else None,
        provisional=bool(open_step and open_step["provisional"]),
        begun=begun,
    )
