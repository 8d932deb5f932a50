"""How analysts write limits and recurring starts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock.days import SHANGHAI
from engine.clock.errors import ClockError, ExtensionUnitDiffers, LimitNotUnderstood, TimeWithoutZone
from engine.clock.limits import Limit, Unit, parse_limit
from engine.clock.recurring import Recurring, parse_recurring, parse_timer


@pytest.mark.parametrize(
    "text,amount,unit",
    [
        ("1个工作日", 1, Unit.WORKDAY),
        ("5工作日", 5, Unit.WORKDAY),
        ("五个工作日", 5, Unit.WORKDAY),
        ("十个工作日", 10, Unit.WORKDAY),
        ("十五个工作日", 15, Unit.WORKDAY),
        ("四十五个工作日", 45, Unit.WORKDAY),
        ("２０个工作日", 20, Unit.WORKDAY),
        (" 20 个 工作日 ", 20, Unit.WORKDAY),
        ("20个工作日内", 20, Unit.WORKDAY),
        ("7日", 7, Unit.DAY),
        ("七日", 7, Unit.DAY),
        ("7天", 7, Unit.DAY),
        ("7个自然日", 7, Unit.DAY),
        ("两天", 2, Unit.DAY),
        ("一百二十日", 120, Unit.DAY),
        ("一百零五日", 105, Unit.DAY),
        ("48小时", 48, Unit.HOUR),
        ("二十四小时", 24, Unit.HOUR),
        ("30分钟", 30, Unit.MINUTE),
        ("3个月", 3, Unit.MONTH),
        ("1年", 12, Unit.MONTH),
    ],
)
def test_a_limit_reads_as_it_is_written(text: str, amount: int, unit: Unit) -> None:
    assert parse_limit(text) == Limit(amount, unit, iso=False)


@pytest.mark.parametrize(
    "text,amount,unit",
    [
        ("P5D", 5, Unit.DAY),
        ("P2W", 14, Unit.DAY),
        ("PT48H", 48, Unit.HOUR),
        ("P1DT12H", 36, Unit.HOUR),
        ("PT1H30M", 90, Unit.MINUTE),
        ("P3M", 3, Unit.MONTH),
        ("P1Y", 12, Unit.MONTH),
    ],
)
def test_an_iso_duration_is_read_and_marked(text: str, amount: int, unit: Unit) -> None:
    assert parse_limit(text) == Limit(amount, unit, iso=True)


NO_LIMITS = [
    "5",
    "工作日",
    "5个",
    "个工作日",
    "五五个工作日",
    "十十日",
    "-5日",
    "5.5日",
    "0日",
    "〇日",
    "P",
    "PT",
    "P5",
    "PT30S",
    "P0D",
    "P1M5D",
    "5个工作日7日",
    "9999999个工作日",
    "99999999999999999999日",
    "P9999999D",
    "PT9999999H",
    "及时",
    "每月1日",
    "R3/PT10H",
    "${limit}",
    "五个工作日or1",
    "٥日",
]


@pytest.mark.parametrize("text", ["", "   ", *NO_LIMITS])
def test_what_is_no_limit_is_refused_and_shows_how_to_write_it(text: str) -> None:
    with pytest.raises(LimitNotUnderstood, match="请写成“5个工作日”"):
        parse_limit(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=12) | st.text("PT每0129DHMY一二十百个工作日月年 :", max_size=14))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    try:
        found: object = parse_timer(text)
    except ClockError as refused:
        found = refused

    assert isinstance(found, Limit | Recurring | LimitNotUnderstood)


@given(st.integers(1, 999), st.sampled_from(["工作日", "日", "小时"]))
def test_a_limit_is_read_back_as_it_is_shown(amount: int, unit: str) -> None:
    limit = Limit(amount, Unit(unit))

    assert parse_limit(str(limit)) == limit


def test_only_the_same_unit_can_be_added() -> None:
    assert parse_limit("20个工作日").extended([parse_limit("25个工作日")]) == parse_limit("45个工作日")
    with pytest.raises(ExtensionUnitDiffers, match="单位不同"):
        parse_limit("20个工作日").extended([parse_limit("10日")])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text,now,following",
    [
        ("每月1日", "2026-03-15T10:00", "2026-04-01T00:00"),
        ("每月1日 08:00", "2026-04-01T07:59", "2026-04-01T08:00"),
        ("每月1日 08:00", "2026-04-01T08:00", "2026-05-01T08:00"),
        ("每月15日08：00", "2026-12-20T00:00", "2027-01-15T08:00"),
        ("每月十五日", "2026-12-20T00:00", "2027-01-15T00:00"),
        ("每个月第15日", "2026-12-20T00:00", "2027-01-15T00:00"),
        ("每月31日", "2026-02-01T00:00", "2026-02-28T00:00"),
        ("每月最后一天 18:00", "2028-02-01T00:00", "2028-02-29T18:00"),
        ("每季度1日", "2026-02-01T00:00", "2026-04-01T00:00"),
        ("每季度首月10日 09:30", "2026-10-11T00:00", "2027-01-10T09:30"),
        ("每年3月、9月1日 09:00", "2026-03-01T09:00", "2026-09-01T09:00"),
        ("每年3月和9月最后一日", "2026-09-30T00:00", "2027-03-31T00:00"),
        ("每年1月1日", "2026-01-01T00:00", "2027-01-01T00:00"),
        ("每年2月29日", "2026-01-01T00:00", "2026-02-28T00:00"),
        ("每年十二月三十一日", "2026-01-01T00:00", "2026-12-31T00:00"),
        ("每日 08:00", "2026-03-15T10:00", "2026-03-16T08:00"),
        ("每天08:00", "2026-03-15T07:00", "2026-03-15T08:00"),
    ],
)
def test_a_recurring_start_comes_round_on_its_day(text: str, now: str, following: str) -> None:
    found = parse_recurring(text).next_after(moment(now))

    assert found == moment(following)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "每月",
        "每月0日",
        "每月32日",
        "每年13月1日",
        "每年2月30日",
        "每年4月31日",
        "每月1日 24:00",
        "每月1日 8点",
        "1日",
        "每周",
        "每月一一日",
    ],
)
def test_a_start_that_never_comes_is_refused(text: str) -> None:
    with pytest.raises(LimitNotUnderstood, match="每月1日 08:00"):
        parse_recurring(text)


def test_a_timer_is_a_limit_or_a_recurring_start() -> None:
    assert isinstance(parse_timer("每月1日 08:00"), Recurring)
    assert isinstance(parse_timer("5个工作日"), Limit)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(TimeWithoutZone, match="没有时区"):
        parse_recurring("每月1日").next_after(datetime(2026, 1, 1))  # noqa: DTZ001
