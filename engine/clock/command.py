"""`jiuzhu deadline START LIMIT`: answers when a limit falls due, and why, to a terminal or as JSON."""

import argparse
import json
import re
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.clock import calendar, deadline, register, text
from engine.clock.calendar import Calendar
from engine.clock.days import SHANGHAI, local
from engine.clock.errors import ClockError, LimitNotUnderstood, StartNotUnderstood
from engine.clock.explain import explain
from engine.clock.ledger import COMMON, Rules
from engine.clock.limits import Limit, parse_limit
from engine.clock.recurring import Recurring

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy"
_LIMIT_ID = re.compile(r"D\d\d(-[a-z]+)?", re.IGNORECASE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `jiuzhu deadline` on `parser`."""
    parser.add_argument("start", metavar="START", help="起始时间，如 2026-02-13 或 2026-02-13T10:00（北京时间）")
    parser.add_argument("limit", metavar="LIMIT", help="时限，如 1个工作日、7日、48小时，或登记编号，如 D14")
    parser.add_argument("--region", metavar="CODE", help="行政区划代码，如 341702")
    parser.add_argument("--json", action="store_true", help="输出 JSON，含逐日说明")
    parser.add_argument("--policy", metavar="DIR", type=Path, default=POLICY, help="政策表所在文件夹")


def run(args: argparse.Namespace, of_store: Callable[[str | None], Calendar] | None = None) -> int:
    """Print the answer; 0, or 2 with a Chinese message on stderr when the question can't be understood.

    `of_store` gives a region's calendar with the notices that a store has confirmed; without it the package and the
    notices in the policy folder say which days count.
    """
    try:
        found = derive(args.start, args.limit, args.region, args.policy, of_store)
    except ClockError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    shown = (
        json.dumps(_answer(found), ensure_ascii=False, indent=2) if args.json else text.show_due(found, bounds=False)
    )
    sys.stdout.write(f"{shown}\n")
    return 0


def answer(start: str, limit: str, region: str | None = None, policy: Path = POLICY) -> dict[str, Any]:
    """The deadline as JSON data: `due`, `provisional`, `earliest`, `latest`, `calendar_version`, `steps`.

    `due` is a date for limits counted in days, a moment with zone for hours; each step has `date`, `number`, `text`.
    Raises a `ClockError` that says in Chinese what is wrong.
    """
    return _answer(derive(start, limit, region, policy))


def derive(
    start: str,
    limit: str,
    region: str | None,
    policy: Path,
    of_store: Callable[[str | None], Calendar] | None = None,
) -> deadline.Deadline:
    """The deadline that START, LIMIT (text or register id) and the region's code ask for."""
    begin = parse_start(start)
    wanted, rules = _limit(limit, region, begin.date(), policy)
    known = of_store(region) if of_store else calendar.for_region(region, policy / "calendar.toml")
    return deadline.derive(begin, wanted, known, rules=rules)


def parse_start(start: str) -> datetime:
    """`2026-02-13`, `2026-02-13T10:00` or with an offset; Shanghai's clock when there is none."""
    given = start.strip()
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise StartNotUnderstood(start) from error
    try:
        return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else local(moment)
    except OverflowError as error:
        raise StartNotUnderstood(start) from error


def _limit(limit: str, region: str | None, day: date, policy: Path) -> tuple[Limit, Rules]:
    if not _LIMIT_ID.fullmatch(limit.strip()):
        return parse_limit(limit), COMMON
    limits = register.load_register(policy / "limits.toml")
    row = limits.row(limit.strip()[:3].upper() + limit.strip()[3:].lower())
    places = [(region or "")[:length] for length in range(len(region or ""), 1, -1)]
    found = limits.limit_for(row.id, row.limit, places, day)
    if isinstance(found, Recurring):
        raise LimitNotUnderstood(row.text, f"{row.id}是定时启动，不是时限")
    return found, row.rules


def _answer(found: deadline.Deadline) -> dict[str, Any]:
    exact = found.ledger.length is not None and found.due_at is not None
    due = local(found.due_at).isoformat(timespec="minutes") if exact and found.due_at else str(found.due_on)
    return {
        "due": due,
        "provisional": found.provisional,
        "earliest": str(found.earliest),
        "latest": str(found.latest),
        "calendar_version": found.calendar_version,
        "steps": [{"date": str(s.day), "number": s.number, "text": s.text} for s in explain(found)],
    }
