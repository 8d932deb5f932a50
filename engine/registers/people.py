"""Persons and households: one person, one record by identity number; members since and until."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from engine.registers import benefits
from engine.store import registers

if TYPE_CHECKING:
    from engine.store.database import Session

P, H, M = registers.person, registers.household, registers.household_member

# made once: building a statement costs more than running it
RECORD = (P.c.id, P.c.name, P.c.id_no, P.c.died_on, M.c.household_id)
KNOWN = (
    select(*RECORD)
    .select_from(P)
    .outerjoin(M, (M.c.person_id == P.c.id) & M.c.until.is_(None))
    .where(P.c.id_no.in_(bindparam("numbers", expanding=True)))
    .order_by(M.c.id)
)
NAMELESS = (
    select(*RECORD)
    .join_from(P, M, M.c.person_id == P.c.id)
    .where(M.c.household_id == bindparam("household"), M.c.until.is_(None), P.c.id_no.is_(None))
    .order_by(P.c.id.desc())
)
NEW_PERSONS = insert(P).returning(P.c.id, P.c.name, P.c.id_no)
RENEW_PERSON = (
    update(P)
    .where(P.c.id == bindparam("which"))
    .values(
        id_no=func.coalesce(P.c.id_no, bindparam("said_id_no")),
        **{name: func.coalesce(bindparam(f"said_{name}"), P.c[name]) for name in ("sex", "birth", "phone")},
        updated_at=bindparam("now"),
    )
)
NEW_HOUSEHOLD = insert(H).returning(H.c.id, H.c.number)
NEW_MEMBERS = insert(M).values(
    household_id=bindparam("household"),
    person_id=bindparam("person"),
    relation=bindparam("as"),
    co_living=bindparam("with"),
)
STAY = (
    update(M)
    .where(M.c.household_id == bindparam("household"), M.c.person_id == bindparam("person"), M.c.until.is_(None))
    .values(relation=bindparam("as"), co_living=bindparam("with"))
)


@dataclass(frozen=True, slots=True)
class Member:
    """A person as an application names it."""

    name: str
    id_no: str | None
    relation: str = ""
    co_living: bool = True
    sex: str | None = None
    birth: date | None = None
    phone: str | None = None
    no_id_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """Where a household is registered."""

    unit_id: str | None
    unit_path: str | None
    village_id: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Household:
    """A household as it was registered."""

    id: int
    number: str
    head_id: int


@dataclass
class Registration:
    """Brings one household up to what its application says; what a clerk should look at is left in `remarks`.

    All persons are read, added and brought up to date together: the cost is that of a family, not of each member.
    """

    session: Session
    now: datetime
    today: date
    remarks: list[str] = field(default_factory=list)

    def household(self, new_number: Callable[[], str], home: Home, head: Member, others: Sequence[Member]) -> Household:
        """The household of `head`; `new_number` gives the number of one that is new.

        Whoever belongs to another household that receives something stays there. Who is named twice with one identity
        number is one person, as named last.
        """
        named = [head, *{each.id_no or object(): each for each in others if not _same(each, head)}.values()]
        known = self._by_number(named)
        own = known.get(head.id_no or "")
        household_id = None if own is None else own.household_id or last_headed(self.session, own.id)
        records = [known.get(each.id_no or "") for each in named]
        if household_id is not None:
            records = self._by_name(household_id, named, records)
        ids = self._persons(named, records)
        where = {name: getattr(home, name) for name in ("unit_id", "unit_path", "village_id", "address")}
        if household_id is None:
            new = {**where, "number": new_number(), "head_person_id": ids[0], "since": self.today}
            household_id, number = self.session.execute(NEW_HOUSEHOLD, new).one()
            self._join(household_id, named, records, ids)
        else:
            said = {name: value for name, value in where.items() if value}
            change = update(H).where(H.c.id == household_id).values(**said, head_person_id=ids[0]).returning(H.c.number)
            number = self.session.execute(change).scalar_one()
            self._join(household_id, named, records, ids)
            gone = update(M).where(M.c.household_id == household_id, M.c.until.is_(None), M.c.person_id.not_in(ids))
            self.session.execute(gone.values(until=self.today, reason="申请时已不在家庭成员中"))
        return Household(household_id, number, ids[0])

    def _by_number(self, named: Sequence[Member]) -> dict[str, Any]:
        """Records by identity number, each with the household that the person belongs to today."""
        numbers = sorted({each.id_no for each in named if each.id_no})
        found = self.session.execute(KNOWN, {"numbers": numbers}) if numbers else ()
        return {row.id_no: row for row in found}

    def _by_name(self, household_id: int, named: Sequence[Member], records: Sequence[Any]) -> list[Any]:
        """Those not found by number, but for the head, are looked for among the household's members without one."""
        if all(records[1:]):
            return list(records)
        nameless = {row.name: row for row in self.session.execute(NAMELESS, {"household": household_id})}
        return [records[0], *(own or nameless.get(each.name) for each, own in zip(named[1:], records[1:], strict=True))]

    def _persons(self, named: Sequence[Member], records: Sequence[Any]) -> list[int]:
        """Ids of all, new or brought up to date; a name once registered is not overwritten."""
        new: list[dict[str, Any]] = []
        old: list[dict[str, Any]] = []
        for member, record in zip(named, records, strict=True):
            given = {"sex": member.sex or None, "birth": member.birth, "phone": member.phone or None}
            if record is None:
                columns = {"id_no": member.id_no, "no_id_reason": member.no_id_reason, "name": member.name}
                new.append({**columns, **given, "created_at": self.now, "updated_at": self.now})
                continue
            self._compare(member, record)
            said = {f"said_{name}": value for name, value in {**given, "id_no": member.id_no}.items()}
            old.append({**said, "which": record.id, "now": self.now})
        if old:
            self.session.execute(RENEW_PERSON, old)
        added: dict[tuple[str, str | None], list[int]] = defaultdict(list)  # the database gives them in any order
        for row in self.session.execute(NEW_PERSONS, new) if new else ():
            added[row.name, row.id_no].append(row.id)
        return [
            added[member.name, member.id_no].pop() if record is None else record.id
            for member, record in zip(named, records, strict=True)
        ]

    def _compare(self, member: Member, record: Any) -> None:
        if record.name != member.name:
            said = f"已登记为{record.name}，与填写的{member.name}不同，请核对证件"
            self.remarks.append(f"身份证号码 {member.id_no} {said}")
        if record.died_on:
            self.remarks.append(f"{record.name}已登记死亡（{record.died_on}），请核对")

    def _join(self, household_id: int, named: Sequence[Member], records: Sequence[Any], ids: Sequence[int]) -> None:
        """Make all of them members of the household from today on, unless another one holds them."""
        stay: list[dict[str, Any]] = []
        come: list[dict[str, Any]] = []
        back: list[int] = []
        for member, record, person_id in zip(named, records, ids, strict=True):
            how = {"household": household_id, "person": person_id, "as": member.relation, "with": member.co_living}
            if record is not None and record.household_id == household_id:
                stay.append(how)
            elif record is None or self._may_move(record, member):
                come.append(how)
                back += [] if record is None else [person_id]
        returned = self._returned(household_id, back)
        stay += [how for how in come if how["person"] in returned]
        if stay:
            self.session.execute(STAY, stay)
        if new := [{**how, "since": self.today} for how in come if how["person"] not in returned]:
            self.session.execute(NEW_MEMBERS, new)

    def _may_move(self, record: Any, member: Member) -> bool:
        """Whether a person may come from where it is registered now; it leaves there, or the clerk is told."""
        if record.household_id is None:
            return True
        mine = benefits.of_person(self.session, [record.id])
        if held := [each for each in mine if each.household_id == record.household_id]:
            what = f"{held[0].holder}户）享受{held[0].item}"
            self.remarks.append(f"{member.name}还在另一户（{what}，没有转入本户；请先核实家庭成员")
            return False
        leave(self.session, record.id, self.today, "转入另一户")
        return True

    def _returned(self, household_id: int, person_ids: Sequence[int]) -> set[int]:
        """Who of these has gone and come back on one day: their membership of today is taken up again."""
        if not person_ids:
            return set()
        here = (M.c.household_id == household_id, M.c.since == self.today, M.c.person_id.in_(person_ids))
        again = update(M).where(*here).values(until=None, reason=None).returning(M.c.person_id)
        return set(self.session.execute(again).scalars())


def _same(member: Member, head: Member) -> bool:
    return bool(member.id_no) and member.id_no == head.id_no


def by_id_numbers(session: Session, numbers: Iterable[str]) -> dict[str, int]:
    """Ids of the persons on record among these identity numbers."""
    wanted = sorted({number for number in numbers if number})
    query = select(P.c.id_no, P.c.id).where(P.c.id_no.in_(wanted))
    return {row.id_no: row.id for row in session.execute(query)}


def household_of(session: Session, person_id: int) -> int | None:
    """The household that a person belongs to today."""
    query = select(M.c.household_id).where(M.c.person_id == person_id, M.c.until.is_(None)).order_by(M.c.id.desc())
    return session.execute(query.limit(1)).scalar_one_or_none()


def last_headed(session: Session, person_id: int) -> int | None:
    """The last household that a person headed, who belongs to none today."""
    query = select(H.c.id).where(H.c.head_person_id == person_id, H.c.until.is_(None)).order_by(H.c.id.desc())
    return session.execute(query.limit(1)).scalar_one_or_none()


def members(session: Session, household_id: int) -> list[Mapping[str, Any]]:
    """Everybody who belongs or belonged to a household, with name and identity number, oldest first."""
    query = select(M, P.c.name, P.c.id_no, P.c.died_on).join(P, P.c.id == M.c.person_id)
    mine = query.where(M.c.household_id == household_id).order_by(M.c.id)
    return [{**row} for row in session.execute(mine).mappings()]


def leave(session: Session, person_id: int, today: date, reason: str) -> None:
    """A person leaves its household."""
    gone = update(M).where(M.c.person_id == person_id, M.c.until.is_(None))
    session.execute(gone.values(until=today, reason=reason))


def die(session: Session, person_id: int, day: date, now: datetime) -> None:
    """A death is on record, and ends the membership (E-09)."""
    session.execute(update(P).where(P.c.id == person_id).values(died_on=day, updated_at=now))
    leave(session, person_id, day, "死亡")
