"""A notice on days off from its file to the day it counts: draft, preview, confirmed; nothing moves before that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from engine.cases import turns
from engine.cases.calendars import Confirmed, laid_over, read_confirmed
from engine.cases.errors import CaseError
from engine.cases.runtime import Runtime, Step
from engine.clock import calendar, festivals, notice_files
from engine.clock.days import day_of
from engine.clock.notices import Notice, packaged_notice, published_years
from engine.people.actor import Actor
from engine.store import tables

N = tables.calendar_notice
KEY = "calendar notices"  # one is confirmed at a time
WORDS = {"draft": "待确认", "dropped": "已作废", "counting": "正在重新计算", "confirmed": "已生效"}


class NoticeNotFound(CaseError):
    """No such notice."""

    def __init__(self) -> None:
        super().__init__("没有找到这条放假通知，请从日历页面重新进入")


class NotYourNotice(CaseError):
    """The actor may not look at notices, or not import and confirm this one."""

    def __init__(self, why: str = "放假通知由系统管理员导入和确认") -> None:
        super().__init__(why)


class NoticeRefused(CaseError):
    """A notice that doesn't fit what is there already; the message says why and what to do."""


@dataclass(frozen=True)
class NoticeRow:
    """A notice as pages show it; `done` of `total` deadlines were derived again, `moved` of them changed."""

    id: int
    title: str
    number: str
    source: str
    issued_on: date
    region: str
    region_name: str
    year: int | None
    days: tuple[Mapping[str, Any], ...]
    status: str
    status_text: str
    imported_at: datetime
    confirmed_at: datetime | None
    finished_at: datetime | None
    total: int | None
    done: int | None
    moved: int | None

    @property
    def percent(self) -> int:
        """How much of the derivation is done."""
        return 100 * (self.done or 0) // self.total if self.total else 100


def may_look(runtime: Runtime, actor: Actor) -> bool:
    """Whether one of the actor's posts has to do with notices."""
    return any(runtime.scope.roles.get(post.role).calendar for post in actor.posts)


def may_confirm(runtime: Runtime, actor: Actor, region: str = "") -> bool:
    """Whether the actor imports and confirms notices for the whole country, or for a `region` of its own."""
    for post in actor.posts:
        own = runtime.units.region_of(post.unit_id)
        within = own.startswith(region) or region.startswith(_significant(own) or "-")
        if within and runtime.scope.roles.get(post.role).calendar == "confirm":
            return True
    return False


def _significant(code: str) -> str:
    """`3417` of `341700`: with what every code within begins."""
    while code.endswith("00"):
        code = code[:-2]
    return code


def listing(this: Step) -> list[NoticeRow]:
    """All notices, the newest first."""
    rows = this.session.execute(select(N).order_by(N.c.id.desc())).mappings()
    return [_row(this.runtime, {**row}) for row in rows]


def one(this: Step, notice_id: int) -> NoticeRow:
    """A notice; `NoticeNotFound`."""
    return _row(this.runtime, stored(this, notice_id))


def importable_years(runtime: Runtime) -> list[int]:
    """The years that the calendar package knows and the calendar in force doesn't."""
    return [year for year in published_years() if year > runtime.calendar().last_notice]


def import_file(this: Step, content: bytes, name: str) -> list[int]:
    """Keep the notices of a file as drafts; gives their ids. `NoticeInvalid`, `NoticeRefused`: then none is kept."""
    return [_keep(this, notice) for notice in notice_files.read(content, name, day_of(this.now))]


def import_packaged(this: Step, year: int) -> int:
    """Keep the notice of `year` as the package has it as a draft; gives its id. `NoticeRefused`."""
    if year not in importable_years(this.runtime):
        raise NoticeRefused(f"系统自带数据里没有尚未导入的{year}年放假安排，请改用文件导入")
    return _keep(this, packaged_notice(year, day_of(this.now)))


def drop(this: Step, notice_id: int) -> None:
    """Throw a draft away; a confirmed notice stays (import a later one that corrects it)."""
    turns.wait_for_key(this, KEY)
    _draft(this, notice_id)
    this.session.execute(update(N).where(N.c.id == notice_id).values(status="dropped"))


def confirm(this: Step, notice_id: int) -> None:
    """From now on the notice counts; open deadlines follow in `rederive.run`, which looks at the calendars anew."""
    turns.wait_for_key(this, KEY)
    row = _draft(this, notice_id)
    running = select(N.c.title).where(N.c.status == "confirmed", N.c.finished_at.is_(None)).limit(1)
    if title := this.session.execute(running).scalar_one_or_none():
        raise NoticeRefused(f"《{title}》还在重新计算在办期限，请等它完成后再确认下一条")
    known = _confirmed(this)
    notice = read_confirmed(row)
    _check_fits(this.runtime, notice, _base(this.runtime, known, None).last_notice)
    regions = {None, *(unit.region_code for unit in this.runtime.units if unit.region_code)}
    _note_versions(this, regions, known)
    _note_versions(this, regions, (*known, notice))
    values = {"status": "confirmed", "confirmed_at": _after(this, this.now), "confirmed_by": this.actor.account_id}
    this.session.execute(update(N).where(N.c.id == notice_id).values(**values, total=None, done=0, moved=0))


def _after(this: Step, now: datetime) -> datetime:
    """Now, but never before a notice confirmed earlier: the order of confirmation is the order in which they count."""
    last = this.session.execute(select(func.max(N.c.confirmed_at))).scalar_one_or_none()
    return max(now, last) if last else now


def _keep(this: Step, notice: Notice) -> int:
    _check_fits(this.runtime, notice, this.runtime.calendar().last_notice)
    days = [{"day": str(each.day), "works": each.works, "name": each.name[:40]} for each in notice.days]
    mark = hashlib.sha256(json.dumps([notice.region, notice.year, notice.title, days]).encode()).hexdigest()
    columns = {
        **{key: value for key, value in asdict(notice).items() if key != "days"},
        "title": notice.title[:200],
        "number": notice.number[:80],
        "source": notice.source[:300],
        "days": days,
        "sha256": mark,
        "status": "draft",
        "imported_at": this.now,
        "imported_by": this.actor.account_id,
    }
    turns.wait_for_key(this, KEY)
    known = this.session.execute(select(N.c.id, N.c.status).where(N.c.sha256 == mark)).one_or_none()
    if known is None:
        return int(this.session.execute(insert(N).values(columns).returning(N.c.id)).scalar_one())
    if known.status != "dropped":
        raise NoticeRefused(f"《{notice.title}》已经导入过（{WORDS[known.status]}），不用再次导入")
    this.session.execute(update(N).where(N.c.id == known.id).values(columns))
    return int(known.id)


def _check_fits(runtime: Runtime, notice: Notice | Confirmed, last: int) -> None:
    """`NoticeRefused` when the region is nobody's, or the year doesn't follow on the last one that is settled."""
    if notice.region and not _places_in(runtime, notice.region):
        raise NoticeRefused(f'没有行政区划代码以“{notice.region}”开头的单位，请核对 region；全国通知写空 ""')
    if notice.year is not None and notice.year <= last:
        raise NoticeRefused(f"{notice.year}年的放假安排已经有了；如果是调整通知，请去掉 year，只写有变化的日期")
    if notice.year is not None and notice.year > last + 1:
        raise NoticeRefused(f"{last + 1}年的放假安排还没有确认，请先导入并确认，再导入{notice.year}年的")
    latest = max(each.day for each in notice.days).year
    if notice.year is None and (min(each.day for each in notice.days).year < notice_files.FIRST_YEAR):
        raise NoticeRefused(f"日期早于{notice_files.FIRST_YEAR}年，请核对年份")
    if notice.year is None and latest > (festivals.LAST_YEAR if notice.region else last):
        raise NoticeRefused(f"{latest}年还没有放假安排：全年通知请写明 year = {latest}；调整通知只能改已有安排的年份")


def _places_in(runtime: Runtime, region: str) -> list[str]:
    return [unit.name for unit in runtime.units if unit.region_code.startswith(region)]


def stored(this: Step, notice_id: int) -> Mapping[str, Any]:
    """The row of a notice; `NoticeNotFound`."""
    found = this.session.execute(select(N).where(N.c.id == notice_id)).mappings().one_or_none()
    if found is None:
        raise NoticeNotFound
    return {**found}


def _draft(this: Step, notice_id: int) -> Mapping[str, Any]:
    row = stored(this, notice_id)
    if row["status"] != "draft":
        raise NoticeRefused(f"《{row['title']}》{WORDS[row['status']]}，不能再改")
    return row


def _confirmed(this: Step) -> tuple[Confirmed, ...]:
    query = select(N).where(N.c.status == "confirmed").order_by(N.c.confirmed_at, N.c.id)
    return tuple(read_confirmed({**row}) for row in this.session.execute(query).mappings())


def _base(runtime: Runtime, notices: Sequence[Confirmed], region: str | None) -> calendar.Calendar:
    return laid_over(calendar.national(runtime.base_year), notices, region)


def _note_versions(this: Step, regions: Iterable[str | None], notices: Sequence[Confirmed]) -> None:
    """Keep of which notices each region's version is made."""
    v = tables.calendar_version
    known = set(this.session.execute(select(v.c.version)).scalars())
    rows = []
    for region in regions:
        version = _base(this.runtime, notices, region).version
        if version not in known:
            used = [notice.id for notice in notices if notice.covers(region)]
            rows.append({"version": version, "region": region or "", "notices": used, "since": this.now})
    if rows:
        this.session.execute(insert(v), rows)


def _row(runtime: Runtime, row: Mapping[str, Any]) -> NoticeRow:
    counting = row["status"] == "confirmed" and row["finished_at"] is None
    shown = {field: row[field] for field in NoticeRow.__dataclass_fields__ if field in row and field != "days"}
    places = _places_in(runtime, row["region"]) if row["region"] else []
    return NoticeRow(
        **shown,
        days=tuple(sorted(row["days"], key=lambda each: str(each["day"]))),
        region_name=region_name(row["region"], len(places), places[0] if places else ""),
        status_text=WORDS["counting" if counting else row["status"]],
    )


def region_name(region: str, places: int, first: str) -> str:
    """`全国`, or `代码 46 开头的地区（琼海市民政局等 3 个单位）`."""
    if not region:
        return "全国"
    return f"代码 {region} 开头的地区（{first}{f'等 {places} 个单位' if places > 1 else ''}）"
