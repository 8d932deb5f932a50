"""Views of the board: kept for oneself or for one's unit, opened by those who may, changed by their owner only."""

from __future__ import annotations

import pytest

from engine.cases.board import saved
from engine.cases.board.errors import BoardClosed, NotOnBoard, ViewRejected
from engine.cases.board.filters import Filters
from engine.clock.days import day_of
from engine.people import accounts, posts
from tests.support.office import Office

RED = Filters(unit="zhen", light="red")


def keep(office: Office, who: str = "gao", name: str = "红灯", page: str = "cases", unit_id: str = "") -> int:
    with office.step(who) as this:
        return saved.keep(this, name, page, RED, unit_id)


def names(office: Office, who: str) -> list[tuple[str, bool]]:
    with office.look(who) as this:
        return [(each.name, each.mine) for each in saved.views(this)]


def colleague(office: Office) -> str:
    """Somebody else at the county."""
    with office.step() as this:
        if accounts.find(this.session, "gaofan", day_of(this.now)) is None:  # an office on a server keeps its people
            accounts.create(this.session, "gaofan", "高帆", "a-long-password-1")
        posts.grant(this.session, "gaofan", "county_clerk", "xian")
    return "gaofan"


def test_a_view_opens_the_page_with_the_filters_that_were_kept(office: Office) -> None:
    view_id = keep(office)
    with office.look("gao") as this:
        found = saved.view(this, view_id)
    assert (found.page, found.filters, found.name, found.mine) == ("cases", RED, "红灯", True)


def test_a_view_of_ones_own_is_seen_by_nobody_else(office: Office) -> None:
    view_id, other = keep(office), colleague(office)
    assert names(office, other) == []
    with office.look(other) as this, pytest.raises(NotOnBoard):
        saved.view(this, view_id)


def test_a_view_shared_with_the_unit_is_seen_there_and_nowhere_else(office: Office) -> None:
    keep(office, unit_id="xian")
    assert names(office, colleague(office)) == [("红灯", False)]
    assert names(office, "lin") == []


def test_only_its_owner_renames_and_deletes_a_shared_view(office: Office) -> None:
    view_id, other = keep(office, unit_id="xian"), colleague(office)
    with pytest.raises(ViewRejected), office.step(other) as this:
        saved.rename(this, view_id, "别的")
    with pytest.raises(ViewRejected), office.step(other) as this:
        saved.drop(this, view_id)
    with office.step("gao") as this:
        saved.rename(this, view_id, "超期办件")
    assert names(office, other) == [("超期办件", False)]
    with office.step("gao") as this:
        saved.drop(this, view_id)
    assert names(office, other) == []


@pytest.mark.parametrize("name", ["", "   ", "长" * 61, " 红灯 "])
def test_a_name_must_be_there_short_and_free(office: Office, name: str) -> None:
    keep(office)
    with pytest.raises(ViewRejected):
        keep(office, name=name)
    assert names(office, "gao") == [("红灯", True)]


def test_two_people_may_use_the_same_name(office: Office) -> None:
    keep(office)
    keep(office, colleague(office))
    assert names(office, "gao") == [("红灯", True)]


def test_a_view_keeps_its_name_when_it_is_given_again(office: Office) -> None:
    view_id = keep(office)
    with office.step("gao") as this:
        saved.rename(this, view_id, "红灯")
    assert names(office, "gao") == [("红灯", True)]


def test_a_view_is_shared_only_with_ones_own_unit(office: Office) -> None:
    with pytest.raises(ViewRejected):
        keep(office, unit_id="linxian")


def test_filters_outside_of_ones_sight_are_not_kept(office: Office) -> None:
    with pytest.raises(NotOnBoard), office.step("gao") as this:
        saved.keep(this, "东至", "cases", Filters(unit="waixiang"))


def test_a_view_leads_to_a_page_of_the_board_only(office: Office) -> None:
    with pytest.raises(ViewRejected):
        keep(office, page="../../sign-in")


def test_who_oversees_nobody_has_no_views(office: Office) -> None:
    with office.look("wang") as this, pytest.raises(BoardClosed):
        saved.views(this)


def test_nobody_keeps_views_without_end(office: Office) -> None:
    for number in range(saved.MOST_VIEWS):
        keep(office, name=f"视图{number}")
    with pytest.raises(ViewRejected):
        keep(office, name="再一个")
