"""Benefits in force: granting, changing, and how each one stood in any month; every change stays on record (S2-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, RowMapping, insert, or_, select, update

from engine.registers import months
from engine.store import registers, tables

if TYPE_CHECKING:
    from engine.people.actor import Actor
    from engine.store.database import Session

B, C, P = registers.benefit, registers.benefit_change, registers.person

Status = Literal["在享", "暂停", "渐退", "终止"]
Kind = Literal["新增", "增发", "减发", "停发", "暂停", "恢复", "渐退", "账户变更", "迁移", "延续"]
PAID = ("在享", "渐退")
LIVE = ("在享", "暂停", "渐退")
AT_ONCE = 500  # ids in one statement


class BenefitUnknown(LookupError):
    """No such benefit; `str()` is Chinese."""

    def __init__(self, which: object) -> None:
        super().__init__(f"救助台账里没有“{which}”，请核对待遇编号")


class BenefitEnded(Exception):
    """A change to what has ended already; `str()` is Chinese."""

    def __init__(self, benefit: Benefit) -> None:
        super().__init__(f"待遇 {benefit.number} 发放到 {benefit.end_month} 已经终止，不能再变更；需要恢复的请重新申请")


class BenefitUnchanged(Exception):
    """A case that takes back a change that it never made; `str()` is Chinese."""

    def __init__(self, benefit: Benefit) -> None:
        super().__init__(f"本件没有变更过待遇 {benefit.number}，没有可以撤销的变更")


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit as it stood in a month, or as it stands after its last change. Amounts are 分 a month."""

    id: int
    number: str
    household_id: int
    person_id: int
    holder: str
    holder_id_no: str
    item: str
    category: str
    unit_id: str
    unit_path: str
    village_id: str | None
    mode: str
    persons: int
    amount: int
    supplement: int
    standard: int | None
    method: str
    start_month: str
    end_month: str | None
    valid_to: date | None
    status: str
    case_id: int
    confirmed_on: date
    payee_name: str
    payee_id_no: str
    bank: str
    account: str
    near_relative: bool
    next_review_on: date | None

    @property
    def paid(self) -> bool:
        """Whether the month is paid for."""
        return self.status in PAID


@dataclass(frozen=True, slots=True)
class Terms:
    """What a change sets; what is None stays as it was."""

    amount: int | None = None
    persons: int | None = None
    supplement: int | None = None
    status: Status | None = None
    unit_id: str | None = None
    unit_path: str | None = None
    village_id: str | None = None
    payee: Mapping[str, str] | None = None  # payee_name, payee_id_no, bank, account
    next_review_on: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A change counts from `month` on, and is first carried by the roster of `batch_month` (A-10)."""

    month: str
    batch_month: str


@dataclass(frozen=True, slots=True)
class Said:
    """Why, in which case, when and by whom."""

    reason: str
    case_id: int | None
    at: datetime
    by: Actor


def grant(session: Session, number: str, columns: Mapping[str, Any], batch_month: str, said: Said) -> int:
    """A new benefit (`columns` of its row but number and status) with its first change; gives its id.

    The same holder's same item is granted once by a case.
    """
    once = select(B.c.id).where(*(B.c[name] == columns[name] for name in ("case_id", "item", "person_id")))
    if (known := session.execute(once).scalar_one_or_none()) is not None:
        return int(known)
    added = insert(B).values({**columns, "number": number, "status": "在享"}).returning(B.c.id)
    benefit_id = int(session.execute(added).scalar_one())
    change = {
        "kind": "新增",
        "month": columns["start_month"],
        "batch_month": batch_month,
        **{"before": 0, "after": columns["amount"]},
        **{"persons_before": 0, "persons_after": columns["persons"]},
        "status_after": "在享",
    }
    _note(session, benefit_id, change, said)
    return benefit_id


def record(session: Session, benefit: Benefit, kind: Kind, terms: Terms, when: When, said: Said) -> None:
    """A change of a benefit; 停发 ends it with the month before. `BenefitEnded` after its end."""
    if benefit.status == "终止":
        raise BenefitEnded(benefit)
    stops = kind == "停发"
    amount = 0 if stops else benefit.amount if terms.amount is None else terms.amount
    persons = benefit.persons if terms.persons is None else terms.persons
    status: str = "终止" if stops else terms.status or benefit.status
    change = {
        "kind": kind,
        "month": when.month,
        "batch_month": when.batch_month,
        **{"before": benefit.amount, "after": amount},
        **{"persons_before": benefit.persons, "persons_after": persons},
        "status_after": status,
    }
    columns: dict[str, Any] = {"amount": amount, "persons": persons, "status": status, **(terms.payee or {})}
    if stops:
        columns["end_month"] = months.after(when.month, -1)
    for name in ("supplement", "unit_id", "unit_path", "village_id", "next_review_on", "valid_to"):
        if (value := getattr(terms, name)) is not None:
            columns[name] = value
    session.execute(update(B).where(B.c.id == benefit.id).values(columns))
    _note(session, benefit.id, change, said)


def find(session: Session, which: int | str) -> Benefit:
    """By id or number, as it stands after its last change; `BenefitUnknown`."""
    condition = B.c.id == which if isinstance(which, int) else B.c.number == which
    row = session.execute(_query().where(condition)).mappings().one_or_none()
    if row is None:
        raise BenefitUnknown(which)
    return _benefit(row)


def named(session: Session, number: str) -> Benefit | None:
    """By its own number, or by that of the case that granted it: one that still runs before one that has ended."""
    case, wanted = tables.case, number.strip().upper()
    granted = select(case.c.id).where(case.c.number == wanted)
    which = or_(B.c.number == wanted, B.c.number == number.strip(), B.c.case_id.in_(granted))
    query = _query().where(which).order_by(B.c.status == "终止", B.c.id.desc()).limit(1)
    row = session.execute(query).mappings().one_or_none()
    return _benefit(row) if row else None


def take_back(session: Session, benefit: Benefit, when: When, said: Said) -> Benefit:
    """Undo the change that the case in `said` made last: the benefit is again what it was, from the month of that
    change on, also after an end (E-30). `BenefitUnchanged` when the case changed nothing."""
    mine = select(C).where(C.c.benefit_id == benefit.id, C.c.case_id == said.case_id).order_by(C.c.id.desc()).limit(1)
    done = session.execute(mine).mappings().one_or_none()
    if done is None or done["kind"] == "新增":
        raise BenefitUnchanged(benefit)
    earlier = select(C.c.status_after).where(C.c.benefit_id == benefit.id, C.c.id < done["id"]).order_by(C.c.id.desc())
    status = str(session.execute(earlier.limit(1)).scalar_one())
    columns = {"amount": done["before"], "persons": done["persons_before"], "status": status, "end_month": None}
    session.execute(update(B).where(B.c.id == benefit.id).values(columns))
    change = {
        "kind": "恢复",
        "month": done["month"],
        "batch_month": when.batch_month,
        **{"before": benefit.amount, "after": done["before"]},
        **{"persons_before": benefit.persons, "persons_after": done["persons_before"]},
        "status_after": status,
    }
    _note(session, benefit.id, change, said)
    return find(session, benefit.id)


def of_person(session: Session, person_ids: Iterable[int], statuses: Sequence[str] = LIVE) -> list[Benefit]:
    """Benefits that these persons hold, or share as members of the household, oldest first."""
    m, wanted = registers.household_member, sorted(set(person_ids))
    homes = select(m.c.household_id).where(m.c.person_id.in_(wanted), m.c.until.is_(None), m.c.co_living)
    mine = or_(B.c.person_id.in_(wanted), B.c.household_id.in_(homes))
    query = _query().where(mine, B.c.status.in_(statuses)).order_by(B.c.id)
    return [_benefit(row) for row in session.execute(query).mappings()]


def in_force(
    session: Session,
    unit_path: str,
    month: str,
    *,
    item: str | None = None,
    with_suspended: bool = False,
    known_by: str | None = None,
) -> list[Benefit]:
    """Benefits under `unit_path` due for `month` (`2026-04`), with the amount, persons and status of that month.

    Ordered by unit, item and id; suspended ones only when asked for. `known_by`: count only the changes that the roster
    of that month carries (A-10): with `known_by=month` it is what that roster pays, without it what was due.
    """
    below = B.c.unit_path.startswith(unit_path, autoescape=True)
    conditions: list[ColumnElement[bool]] = [below, B.c.start_month <= month]
    if item is not None:
        conditions.append(B.c.item == item)
    query = _query().where(*conditions).order_by(B.c.unit_path, B.c.item, B.c.id)
    found = [_benefit(row) for row in session.execute(query).mappings()]
    changes = _changes(session, [each.id for each in found])
    stood = (_stood(each, changes.get(each.id, ()), month, known_by) for each in found)
    wanted = LIVE if with_suspended else PAID
    return [each for each in stood if each is not None and each.status in wanted]


def due(session: Session, benefit: Benefit, first: str, last: str) -> dict[str, int]:
    """分 due by month from `first` to `last`, as all changes recorded until now left each month."""
    changes = _changes(session, [benefit.id]).get(benefit.id, ())
    every = [months.after(first, number) for number in range(months.between(first, last))]
    stood = {month: _stood(benefit, changes, month, None) for month in every}
    return {month: each.amount if each is not None and each.paid else 0 for month, each in stood.items()}


def history(session: Session, benefit_id: int) -> list[RowMapping]:
    """Every change of a benefit, oldest first."""
    query = select(C).where(C.c.benefit_id == benefit_id).order_by(C.c.id)
    return list(session.execute(query).mappings())


def changes_in(session: Session, unit_path: str, batch_month: str) -> list[RowMapping]:
    """The changes that the roster of a month is the first to carry, with the benefit's number, item and unit."""
    about = (B.c.number, B.c.item, B.c.category, B.c.unit_id, B.c.household_id)
    below = B.c.unit_path.startswith(unit_path, autoescape=True)
    query = select(C, *about).join(B, B.c.id == C.c.benefit_id).where(below, C.c.batch_month == batch_month)
    return list(session.execute(query.order_by(C.c.id)).mappings())


def _note(session: Session, benefit_id: int, change: Mapping[str, Any], said: Said) -> None:
    why = {"reason": said.reason, "case_id": said.case_id, "at": said.at}
    who = {"by": said.by.account_id, "by_name": said.by.name}
    session.execute(insert(C).values({**change, **why, **who, "benefit_id": benefit_id}))


def _changes(session: Session, ids: Sequence[int]) -> dict[int, list[RowMapping]]:
    by_benefit: dict[int, list[RowMapping]] = {}
    for first in range(0, len(ids), AT_ONCE):
        query = select(C).where(C.c.benefit_id.in_(ids[first : first + AT_ONCE])).order_by(C.c.id)
        for row in session.execute(query).mappings():
            by_benefit.setdefault(row["benefit_id"], []).append(row)
    return by_benefit


def _stood(benefit: Benefit, changes: Sequence[RowMapping], month: str, known_by: str | None) -> Benefit | None:
    """As the changes that count for `month` left it: of two, the one recorded later."""
    counting = [c for c in changes if c["month"] <= month and (known_by is None or c["batch_month"] <= known_by)]
    if not counting:
        return None
    now = counting[-1]
    return replace(benefit, amount=now["after"], persons=now["persons_after"], status=now["status_after"])


def _query() -> Any:
    return select(B, P.c.name.label("holder"), P.c.id_no.label("holder_id_no")).join(P, P.c.id == B.c.person_id)


def _benefit(row: RowMapping) -> Benefit:
    texts = ("holder_id_no", "method", "payee_name", "payee_id_no", "bank", "account")
    return Benefit(**{**row, **{name: row[name] or "" for name in texts}})
