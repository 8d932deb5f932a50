"""What the board counts, unit by unit and light by light, and that every list is as long as its number says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from engine.cases.board import counts, lists, tokens
from engine.cases.board.counts import BoardPage
from engine.cases.board.errors import BoardClosed, FilterNotUnderstood, NotOnBoard
from engine.cases.board.filters import Filters
from engine.cases.board.percentiles import median, ninety
from engine.cases.board.sight import sight
from engine.clock import deadline
from engine.clock.days import end_of, start_of
from tests.support.board import lights, put_case, put_task
from tests.support.office import Office, moment

SECOND = timedelta(seconds=1)
NOON = "2026-11-24 12:00"
TODAY = date(2026, 11, 24)


def on(day: str) -> datetime:
    """The end of a Shanghai day."""
    return end_of(date.fromisoformat(day))


def board(office: Office, who: str = "gao", at: str = NOON, **asked: str) -> BoardPage:
    with office.look(who, at) as this:
        return counts.board(this, Filters.read(asked))


def total(office: Office, of: lists.Of, filters: Filters, who: str = "gao") -> int:
    with office.look(who, NOON) as this:
        found = lists.listing(this, of, filters, size=3)
        assert sum(len(lists.listing(this, of, filters, page, 3).rows) for page in range(1, found.pages + 1)) == (
            found.total
        )
        return found.total


@pytest.mark.parametrize("shift", [-SECOND, timedelta(), SECOND])
@pytest.mark.parametrize("edge", ["yellow_at", "red_at"])
def test_the_board_shows_the_light_that_the_clock_shows(office: Office, edge: str, shift: timedelta) -> None:
    now = moment(NOON)
    columns = lights(now + timedelta(days=3), now - timedelta(days=3)) | {edge: now + shift}
    put_case(office.runtime, **columns)
    expected = deadline.light(Lights(columns["yellow_at"], columns["red_at"]), now)
    found = board(office).counts
    assert {name: getattr(found, name) for name in ("green", "yellow", "red", "none")} == {
        **dict.fromkeys(("green", "yellow", "red", "none"), 0),
        expected: 1,
    }


class Lights:
    """The two columns that the clock reads a light from."""

    def __init__(self, yellow_at: datetime | None, red_at: datetime | None) -> None:
        self.yellow_at, self.red_at = yellow_at, red_at


def test_a_step_over_time_is_told_from_a_case_over_time(office: Office) -> None:
    late_step = lights(on("2026-11-20"), prefix="step_")
    put_case(office.runtime, **lights(on("2026-12-20")), **late_step)
    put_case(office.runtime, **lights(on("2026-11-23")), **late_step)
    found = board(office).counts
    assert (found.total, found.step, found.red, found.green) == (2, 1, 1, 1)


def test_a_pause_counts_until_it_ends_by_itself(office: Office) -> None:
    put_case(office.runtime, paused_by="补正", paused_until=moment(NOON))
    put_case(office.runtime, paused_by="补正", paused_until=moment(NOON) - SECOND)
    assert board(office).counts.paused == 1


def test_a_clock_that_has_ended_is_no_longer_provisional(office: Office) -> None:
    put_case(office.runtime, **lights(on("2027-01-20")), provisional=True)
    put_case(office.runtime, due_at=on("2027-01-20"), provisional=True, late=False)
    assert board(office).counts.provisional == 1


def test_what_falls_due_on_a_day_off_stands_at_the_next_working_day(office: Office) -> None:
    for day in ("2026-11-25", "2026-11-28", "2026-11-29", "2026-11-30"):  # Wednesday, Saturday, Sunday, Monday
        put_case(office.runtime, **lights(on(day), start_of(date.fromisoformat(day))))
    coming = board(office).coming
    assert [(span.end.isoformat(), span.yellow, span.red) for span in coming.days[:4]] == [
        ("2026-11-25", 1, 1),
        ("2026-11-26", 0, 0),
        ("2026-11-27", 0, 0),
        ("2026-11-30", 3, 3),
    ]
    assert (coming.tomorrow.red, coming.week.red, len(coming.days)) == (1, 3, 10)


def test_what_is_yellow_already_does_not_turn_yellow_again(office: Office) -> None:
    put_case(office.runtime, **lights(on("2026-11-24"), moment(NOON)))
    week = board(office).coming.week
    assert (week.yellow, week.red) == (0, 1)


def test_units_add_up_and_lead_down_to_the_township(office: Office) -> None:
    for unit_id in ("zhen", "zhen", "xiang", "xian", "waixiang"):
        put_case(office.runtime, unit_id)
    page = board(office)
    assert [(line.name, line.counts.total) for line in page.units] == [
        ("贵池区民政局（本级）", 1),
        ("梅街镇", 1),
        ("秋浦街道", 2),
    ]
    assert page.counts.total == 4
    below = board(office, unit="zhen")
    assert below.counts.total == 2
    assert below.top is not None
    assert [unit.id for unit in [*below.trail, below.top]] == ["xian", "zhen"]


def test_nobody_looks_out_of_their_own_county(office: Office) -> None:
    put_case(office.runtime, "waixiang")
    assert board(office).counts.total == 0
    for unit_id in ("linxian", "waixiang", "shi", "nowhere"):
        with pytest.raises(NotOnBoard):
            board(office, unit=unit_id)
        with pytest.raises(NotOnBoard):
            total(office, "cases", Filters(unit=unit_id))


def test_a_deputy_head_watches_over_the_own_township_only(office: Office) -> None:
    put_case(office.runtime, "zhen")
    put_case(office.runtime, "xiang")
    assert board(office, "zhao").counts.total == 1


def test_who_watches_over_nobody_has_no_board(office: Office) -> None:
    for look in (lambda: board(office, "wang"), lambda: total(office, "pauses", Filters(), "wang")):
        with pytest.raises(BoardClosed):
            look()


def test_every_number_is_as_long_as_its_list(office: Office) -> None:
    days = [on("2026-11-20"), on("2026-11-25"), on("2026-11-28"), on("2026-12-04"), on("2027-01-20"), None]
    for number, due in enumerate(days * 3):
        clock = lights(due, due - timedelta(days=4) + SECOND) if due else {}
        put_case(
            office.runtime,
            ("zhen", "xiang", "waixiang")[number % 3],
            procedure=("plain", "straight")[number % 2],
            **clock,
            **lights(on("2026-11-23"), prefix="step_"),
            provisional=due == days[4],
            paused_until=on("2026-11-30") if number % 4 else None,
        )
    page = board(office)
    asked: dict[str, dict[str, str]] = {
        "total": {},
        "step": {"mark": "step"},
        "paused": {"mark": "paused"},
        "provisional": {"mark": "provisional"},
    }
    asked |= {light: {"light": light} for light in ("red", "yellow", "green", "none")}
    seen = 0
    for line in [*page.units, *page.procedures]:
        for name, asks in asked.items():
            assert total(office, "cases", line.filters.but(**asks)) == getattr(line.counts, name), (line.name, name)
            seen += getattr(line.counts, name)
    for span in (page.coming.tomorrow, page.coming.week, *page.coming.days):
        for turns in ("yellow", "red"):
            filters = page.filters.but(turns=turns, begin=span.begin, end=span.end)
            assert total(office, "cases", filters) == getattr(span, turns), (span, turns)
            seen += getattr(span, turns)
    assert seen > 50


def test_the_filters_of_a_link_are_read_back_as_they_were() -> None:
    filters = Filters(unit="zhen", own=True, turns="red", begin=TODAY, end=TODAY, light="none", late="no", inside=True)
    assert Filters.read(filters.query()) == filters


@pytest.mark.parametrize(
    "name, value",
    [("light", "blau"), ("begin", "2026-13-01"), ("month", "2026-00"), ("own", "1"), ("unit", "a b"), ("late", "x")],
)
def test_a_filter_that_makes_no_sense_is_refused_in_words(name: str, value: str) -> None:
    with pytest.raises(FilterNotUnderstood, match=f"「{name}」.*「{value}」"):
        Filters.read({name: value})


def test_the_crowd_at_a_node_is_told_by_light_and_age(office: Office) -> None:
    case_id = put_case(office.runtime)
    for created, due in (("2026-11-23", "2026-12-01"), ("2026-11-20", "2026-11-23"), ("2026-11-13", "2026-11-24")):
        day = date.fromisoformat(created)
        put_task(office.runtime, case_id, created_on=day, **lights(on(due), start_of(date.fromisoformat(due))))
    with office.look("gao", NOON) as this:
        deployment = this.runtime.current(this.session)[1]
        found = tokens.count(this, sight(this), deployment, Filters(procedure="plain"))
    crowd = found["plain", "work"]
    assert (crowd.total, crowd.red, crowd.yellow, crowd.green) == (3, 1, 1, 1)
    assert sorted(crowd.ages.elements()) == [1, 2, 7]
    assert (crowd.median, crowd.ninety, crowd.worst) == (2, 7, "red")


def test_medians_are_those_of_the_values_in_a_row() -> None:
    assert median({}) is None
    assert ninety({}) is None
    assert median({1: 1, 2: 1}) == 1.5
    assert median({1: 2, 9: 1}) == 1
    assert ninety(dict.fromkeys(range(1, 11), 1)) == 9
    assert ninety({1: 89, 5: 11}) == 5
