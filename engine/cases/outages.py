"""The log of outages: noticed by the clock or entered by hand, withdrawn; what they take out of a deadline (E-28)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.cases import turns
from engine.cases.errors import CaseError
from engine.cases.facts import nearest_first
from engine.clock.calendar import Calendar
from engine.clock.days import day_of, local
from engine.clock.limits import parse_limit
from engine.clock.outages import Outage, OutageRules, is_line, lines, load_outage_rules, lost_days, office_time
from engine.people.actor import CLOCK
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.runtime import Runtime, Step
    from engine.store.database import Session

OUTAGE = tables.outage
KEY = "outages"  # one is entered at a time
BY_CLOCK = "系统没有运行"
MOST_WHAT, MOST_REMARK = 100, 300
LATE = timedelta(minutes=1)  # what begins to run at most so late has missed no outage
OLDEST = timedelta(days=366)
Row = dict[str, Any]


class OutageRefused(CaseError):
    """What was entered can't be an outage, or is known already; the message says why and what to do."""


class OutageNotFound(CaseError):
    """No outage of this number is in force."""

    def __init__(self) -> None:
        super().__init__("没有找到这条停机登记，或者已经撤销；请刷新页面")


@dataclass(frozen=True)
class Entry:
    """What somebody enters by hand; `unit_id` empty for everywhere."""

    begin: datetime
    end: datetime
    unit_id: str
    what: str
    remark: str = ""


@dataclass(frozen=True)
class OutageRow:
    """An outage as the page shows it. `lost` are the working days that don't count for limits in days; `moved` limits
    moved, `passed` ones had run out meanwhile."""

    id: int
    begin_at: datetime
    end_at: datetime
    place: str
    what: str
    remark: str
    by_clock: bool
    entered_at: datetime
    entered_by_name: str
    withdrawn_at: datetime | None
    withdrawn_by_name: str | None
    moved: int
    passed: int
    finished_at: datetime | None
    lost: tuple[date, ...]


def rules(runtime: Runtime) -> OutageRules:
    """How this office counts outages."""
    return load_outage_rules(runtime.root / "processes" / "policy" / "outages.toml")


# --- the log --------------------------------------------------------------------------------------------------------


def notice(this: Step, last: datetime) -> int | None:
    """The clock was last alive at `last`: if that is an outage that cost office hours, write it down; gives its id."""
    known, calendar = rules(this.runtime), this.runtime.calendar()
    if not known.automatic or this.now - last < known.gap:
        return None
    if not any(office_time([Outage(0, last, this.now)], calendar, known).values()):
        return None
    return _insert(this, Entry(last, this.now, "", BY_CLOCK))


def record(this: Step, entry: Entry) -> int:
    """An outage entered by hand; gives its id. The clock moves the limits. `OutageRefused` says what is wrong."""
    _check(this, entry)
    turns.wait_for_key(this, KEY)
    same = (OUTAGE.c.begin_at <= entry.begin, OUTAGE.c.end_at >= entry.end, OUTAGE.c.withdrawn_at.is_(None))
    path = _path(this, entry.unit_id)
    for found in this.session.execute(select(OUTAGE).where(*same)).mappings():
        row = {**found}
        if path.startswith(row["unit_path"]):
            raise OutageRefused(
                f"这段时间已经登记过（{span(row['begin_at'], row['end_at'])}，{_place(this.runtime, row)}），不用再登记"
            )
    return _insert(this, entry)


def withdraw(this: Step, outage_id: int) -> None:
    """It didn't happen, or otherwise: the clock moves the limits back. `OutageNotFound`."""
    by = {"withdrawn_by": this.actor.account_id, "withdrawn_by_name": this.actor.name}
    change = update(OUTAGE).where(OUTAGE.c.id == outage_id, OUTAGE.c.withdrawn_at.is_(None))
    done = change.values(withdrawn_at=this.now, **by, reached=0, finished_at=None).returning(OUTAGE.c.id)
    if this.session.execute(done).first() is None:
        raise OutageNotFound


def listing(this: Step, most: int) -> list[OutageRow]:
    """The outages, the latest first."""
    query = select(OUTAGE).order_by(OUTAGE.c.begin_at.desc(), OUTAGE.c.id.desc()).limit(most)
    rows = this.session.execute(query).mappings()
    known, calendar = rules(this.runtime), this.runtime.calendar()
    fields = [name for name in OutageRow.__dataclass_fields__ if name not in ("place", "lost")]
    return [
        OutageRow(
            **{name: row[name] for name in fields},
            place=_place(this.runtime, row),
            lost=tuple(lost_days([_outage(row)], calendar, known)),
        )
        for row in ({**found} for found in rows)
    ]


def span(begin_at: datetime, end_at: datetime) -> str:
    """`2026-07-08 09:00 至 15:40`, with the second day where it is another."""
    begin, end = local(begin_at), local(end_at)
    return f"{begin:%Y-%m-%d %H:%M} 至 " + (f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M}")


def told(runtime: Runtime, row: Mapping[str, Any]) -> str:
    """`2026-07-08 09:00 至 15:40，秋浦街道系统停机（停电）`."""
    place = _place(runtime, row) if row["unit_id"] else ""
    return f"{span(row['begin_at'], row['end_at'])}，{place}系统停机（{row['what']}）"


def _check(this: Step, entry: Entry) -> None:
    known = rules(this.runtime)
    days = known.longest.days
    problems = (
        (entry.end <= entry.begin, "恢复时间要晚于停机时间，请核对"),
        (entry.end > this.now, "恢复时间还没有到；系统恢复以后再登记"),
        (this.now - entry.begin > OLDEST, "停机时间在一年以前，请核对年份"),
        (entry.end - entry.begin > known.longest, f"一次停机最长登记 {days} 天，请核对日期；确实更长的分几次登记"),
        (bool(entry.unit_id) and this.runtime.units.find(entry.unit_id) is None, "没有这个单位，请从列表里选择"),
        (not entry.what, "请填写停了什么，例如：停电、网络中断"),
        (len(entry.what) > MOST_WHAT, f"停了什么最多 {MOST_WHAT} 字，详细情况写在说明里"),
        (len(entry.remark) > MOST_REMARK, f"说明最多 {MOST_REMARK} 字"),
    )
    if problem := next((said for wrong, said in problems if wrong), ""):
        raise OutageRefused(problem)


def _insert(this: Step, entry: Entry) -> int:
    row = {
        "begin_at": entry.begin,
        "end_at": entry.end,
        "unit_id": entry.unit_id or None,
        "unit_path": _path(this, entry.unit_id),
        "what": entry.what,
        "remark": entry.remark,
        "by_clock": this.actor == CLOCK,
        "entered_at": this.now,
        "entered_by": this.actor.account_id,
        "entered_by_name": this.actor.name,
    }
    return int(this.session.execute(insert(OUTAGE).values(row).returning(OUTAGE.c.id)).scalar_one())


def _path(this: Step, unit_id: str) -> str:
    return this.runtime.units.get(unit_id).path if unit_id else ""


def _place(runtime: Runtime, row: Mapping[str, Any]) -> str:
    unit = runtime.units.find(row["unit_id"])
    return unit.name if unit else "全部单位"


# --- what they take out of a deadline -------------------------------------------------------------------------------


def is_internal(runtime: Runtime, row: Mapping[str, Any]) -> bool:
    """Whether no rule sets the limit of a deadline: neither the documents nor its own place."""
    registered = runtime.register.rows.get(row["limit_id"] or "")
    if registered is None or registered.is_statutory:
        return False
    places = nearest_first(runtime.units, row["unit_id"])
    return runtime.register.override(registered.id, places, day_of(row["started_at"])) is None


def internal_ids(runtime: Runtime) -> list[str]:
    """Ids of the limits that this system has set itself."""
    return [row.id for row in runtime.register.rows.values() if not row.is_statutory]


@dataclass
class Stood:
    """Outages in force, and the days that they cost at a place, each asked once. While the cases follow the outage
    `turn`, those entered after it wait: the history names one at a time."""

    runtime: Runtime
    outages: Sequence[Row]
    turn: int | None = None
    _lost: dict[tuple[tuple[int, ...], str], list[date]] = field(default_factory=dict)

    def ledger(self, row: Row, due: Callable[[Row], datetime | None]) -> dict[str, Any]:
        """The ledger of a deadline with these outages and no other; `due` derives its date. Statutory: as it is."""
        stored = dict(row["ledger"] or {})
        if not is_internal(self.runtime, row):
            return stored
        own = [line for line in stored.get("pauses", ()) if not is_line(line)]
        here = self._here(row)
        limit = parse_limit(row["limit_text"])
        found = lines(row["started_at"], limit, [_outage(each) for each in here], self.lost(row))
        until = due({**row, "ledger": {**stored, "pauses": [*own, *found]}}) if found else None
        ran = [line for line in found if until is None or datetime.fromisoformat(line["begin"]) <= until]
        return {**stored, "pauses": [*own, *ran]}

    def lost(self, row: Row) -> list[date]:
        """The days that don't count for limits in days where this deadline is worked on."""
        here, calendar = self._here(row), self._calendar(row)
        key = tuple(each["id"] for each in here), calendar.version
        if key not in self._lost:
            self._lost[key] = lost_days([_outage(each) for each in here], calendar, rules(self.runtime))
        return self._lost[key]

    def _here(self, row: Row) -> list[Row]:
        path = row["unit_path"] or ""
        return [each for each in self.outages if path.startswith(each["unit_path"]) and self._counts(each, row)]

    def _counts(self, outage: Row, row: Row) -> bool:
        turn = self.turn is None or outage["id"] <= self.turn or outage["finished_at"] is not None
        return turn or bool(row["case_id"] <= outage["reached"])

    def _calendar(self, row: Row) -> Calendar:
        return self.runtime.calendar(row["region"])


def in_force(session: Session) -> list[Row]:
    """All outages that were not withdrawn, in their order."""
    query = select(OUTAGE).where(OUTAGE.c.withdrawn_at.is_(None)).order_by(OUTAGE.c.begin_at, OUTAGE.c.id)
    return [{**row} for row in session.execute(query).mappings()]


def at_birth(this: Step, row: Row, due: Callable[[Row], datetime | None]) -> dict[str, Any]:
    """The ledger of a deadline that begins to run now; a start in the past may have seen an outage since."""
    late = (this.woken_at or this.now) - row["started_at"] > LATE
    if not late or not is_internal(this.runtime, row):
        return dict(row["ledger"])
    return Stood(this.runtime, in_force(this.session)).ledger(row, due)


def _outage(row: Mapping[str, Any]) -> Outage:
    return Outage(row["id"], row["begin_at"], row["end_at"])
