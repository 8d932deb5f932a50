"""The register of benefits and the record of a household, within the reader's sight and masked for it (domain 2.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, false, func, or_, select

from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.cases.views.amounts import Explained, of_benefit
from engine.registers import amounts, people
from engine.store import registers, tables
from forms.mask import mask

B, C, H, M, P = (
    *(registers.benefit, registers.benefit_change, registers.household),
    *(registers.household_member, registers.person),
)
FORM = "application"  # by whose fields a reader's sight of the registers is set
STATUSES = ("在享", "暂停", "渐退", "终止")


@dataclass(frozen=True)
class Row:
    """One benefit of the list."""

    id: int
    number: str
    holder: str
    id_no: str
    category: str
    unit_name: str
    village_name: str
    persons: int
    amount: str
    start_month: str
    end_month: str
    status: str


@dataclass(frozen=True)
class RowList:
    """One page of the register; `amount` is what all that were found receive a month."""

    rows: list[Row]
    total: int
    page: int
    pages: int
    amount: str


@dataclass(frozen=True)
class Change:
    """One line of a benefit's history; `explained` if the reader may see by which lines the amount came about."""

    kind: str
    month: str
    batch_month: str
    before: str
    after: str
    reason: str
    case_id: int | None
    case_number: str
    at: datetime
    by_name: str
    explained: Explained | None


@dataclass(frozen=True)
class Person:
    """A member of the household, now or once."""

    name: str
    id_no: str
    relation: str
    since: date
    until: date | None
    reason: str
    died_on: date | None


@dataclass(frozen=True)
class BenefitPage:
    """A benefit with its history, its household and the cases of its people."""

    row: Row
    facts: list[tuple[str, str]]
    changes: list[Change]
    household_number: str
    people: list[Person]
    others: list[Row]
    cases: list[Mapping[str, Any]]


def listing(
    this: Step, *, search: str = "", status: str = "", month: str = "", page: int = 1, size: int = 25
) -> RowList:
    """Benefits in the actor's sight: by name, whole identity number or number of benefit or household; by status."""
    conditions = [_sight(this), *_searched(search)]
    if status in STATUSES:
        conditions.append(B.c.status == status)
    if month:
        conditions += [B.c.start_month <= month, or_(B.c.end_month.is_(None), B.c.end_month >= month)]
    query = _query().where(*conditions)
    found = query.subquery()
    total, amount = this.session.execute(select(func.count(), func.coalesce(func.sum(found.c.amount), 0))).one()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    rows = this.session.execute(query.order_by(B.c.id.desc()).limit(size).offset((page - 1) * size)).mappings()
    return RowList([_row(this, row) for row in rows], total, page, pages, amounts.yuan(int(amount)))


def one(this: Step, benefit_id: int) -> BenefitPage:
    """A benefit by id; `CaseNotFound` outside the actor's sight."""
    row = this.session.execute(_query().where(_sight(this), B.c.id == benefit_id)).mappings().one_or_none()
    if row is None:
        raise CaseNotFound
    household = this.session.execute(select(H.c.number).where(H.c.id == row["household_id"])).scalar_one()
    mine = _query().where(_sight(this), B.c.household_id == row["household_id"], B.c.id != benefit_id)
    others = this.session.execute(mine.order_by(B.c.id)).mappings()
    return BenefitPage(
        row=_row(this, row),
        facts=list(_facts(this, row)),
        changes=_changes(this, benefit_id),
        household_number=household,
        people=[_person(this, each) for each in people.members(this.session, row["household_id"])],
        others=[_row(this, each) for each in others],
        cases=_cases(this, row["household_id"]),
    )


def _sight(this: Step) -> ColumnElement[bool]:
    """Benefits of the actor's units: of a township and what lies above it by path, of a village by itself."""
    reach = this.runtime.scope.reach(this.actor)
    own = [this.runtime.units.find(unit_id) for unit_id in sorted(reach.units)]
    seen: list[ColumnElement[bool]] = [B.c.unit_path.startswith(path, autoescape=True) for path in sorted(reach.paths)]
    for unit in own:
        if unit is not None:
            seen.append(B.c.village_id == unit.id if unit.kind == "village" else B.c.unit_id == unit.id)
    return or_(*seen) if seen else false()


def _searched(search: str) -> Iterator[ColumnElement[bool]]:
    if not search:
        return
    named = or_(P.c.name.contains(search, autoescape=True), P.c.id_no == search.upper())
    members = select(M.c.household_id).join(P, P.c.id == M.c.person_id).where(named)
    homes = select(H.c.id).where(H.c.number == search)
    yield or_(B.c.number == search, B.c.household_id.in_(members), B.c.household_id.in_(homes))


def _query() -> Select[Any]:
    return select(B, P.c.name.label("holder"), P.c.id_no).join(P, P.c.id == B.c.person_id)


def _row(this: Step, row: RowMapping | Mapping[str, Any]) -> Row:
    unit, village = this.runtime.units.find(row["unit_id"]), this.runtime.units.find(row["village_id"])
    return Row(
        id=row["id"],
        number=row["number"],
        holder=seen(this, "applicantName", "name", row["holder"]),
        id_no=seen(this, "idNo", "id", row["id_no"]),
        category=row["category"],
        unit_name=unit.name if unit else "",
        village_name=village.name if village else "",
        persons=row["persons"],
        amount=amounts.yuan(row["amount"]),
        start_month=row["start_month"],
        end_month=row["end_month"] or "",
        status=row["status"],
    )


def seen(this: Step, field: str, kind: str, value: str | None, form: str = FORM) -> str:
    """A value as the reader's roles see this field of a form; `kind` is that of its mask."""
    scope = this.runtime.scope
    look = scope.visible_fields(scope.roles_of(this.actor), form).look(field, kind)
    return "" if look == "hidden" else mask(kind, value) if look == "masked" else value or ""


def _facts(this: Step, row: RowMapping | Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    said = {
        "审核确认方式": row["mode"],
        "确认日期": row["confirmed_on"].isoformat(),
        "计发方式": row["method"] or "",
        "其中增发": f"{amounts.yuan(row['supplement'])} 元/月" if row["supplement"] else "",
        "有效期至": row["valid_to"].isoformat() if row["valid_to"] else "",
        "近亲属备案": "是" if row["near_relative"] else "",
        "下次核查": row["next_review_on"].isoformat() if row["next_review_on"] else "",
        "户名": seen(this, "accountName", "name", row["payee_name"]),
        "开户银行": seen(this, "bankName", "name", row["bank"]) and row["bank"],
        "银行账号": seen(this, "accountNo", "account", row["account"]),
    }
    yield from ((label, value) for label, value in said.items() if value)


def _changes(this: Step, benefit_id: int) -> list[Change]:
    number = tables.case.c.number
    query = select(C, number.label("case_number")).outerjoin(tables.case, tables.case.c.id == C.c.case_id)
    rows = this.session.execute(query.where(C.c.benefit_id == benefit_id).order_by(C.c.id)).mappings()
    explained = of_benefit(this, benefit_id)
    return [
        Change(
            kind=row["kind"],
            month=row["month"],
            batch_month=row["batch_month"],
            before=amounts.yuan(row["before"]),
            after=amounts.yuan(row["after"]),
            reason=row["reason"],
            case_id=row["case_id"],
            case_number=row["case_number"] or "",
            at=row["at"],
            by_name=row["by_name"],
            explained=explained.get(row["id"]),
        )
        for row in rows
    ]


def _person(this: Step, row: RowMapping | Mapping[str, Any]) -> Person:
    return Person(
        name=seen(this, "members.name", "name", row["name"]),
        id_no=seen(this, "members.idNo", "id", row["id_no"]),
        relation=row["relation"] or "",
        since=row["since"],
        until=row["until"],
        reason=row["reason"] or "",
        died_on=row["died_on"],
    )


def _cases(this: Step, household_id: int) -> list[Mapping[str, Any]]:
    """The cases of its people, and those that changed its benefits, in the actor's sight, newest first."""
    c = tables.case
    numbers = select(P.c.id_no).join(M, M.c.person_id == P.c.id).where(M.c.household_id == household_id)
    changed = select(C.c.case_id).join(B, B.c.id == C.c.benefit_id).where(B.c.household_id == household_id)
    query = (
        select(c.c.id, c.c.number, c.c.procedure, c.c.item, c.c.stage, c.c.outcome, c.c.started_at)
        .where(or_(c.c.applicant_id_no.in_(numbers), c.c.id.in_(changed)), this.runtime.scope.visible_cases(this.actor))
        .order_by(c.c.id.desc())
        .limit(50)
    )
    return [{**row} for row in this.session.execute(query).mappings()]
