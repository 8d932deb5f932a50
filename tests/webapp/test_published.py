"""Who receives is published by township with whitelisted fields only, names masked, and taken off when it stops."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from engine.cases import scenario
from engine.store import registers
from tests.support.app import ROOT, World

EXAMPLES = ROOT / "processes"


@pytest.fixture(autouse=True)
def recipients(world: World) -> None:
    """A family that receives 低保, and one that is recognised without money."""
    for path in ("full_online/scenarios/approved_without_objection.yaml", "devolved/scenarios/recognised_edge.yaml"):
        report = scenario.Run(world.runtime, scenario.read(EXAMPLES / path)).play()
        assert not report.failure, report.failure
    world.clock.now = datetime(2026, 4, 20, 2, tzinfo=UTC)


def test_a_township_lists_its_recipients_with_nothing_but_the_whitelist(world: World) -> None:
    answer = world.visitor().get("/published?unit=qiupu")

    for words in ("王**", "湖心社区", "农村低保", "864.00"):
        assert words in answer.text
    assert "王大明" not in answer.text
    assert not re.search(r"\d{17}[\dX]|6217\d+", answer.text)
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert 'content="noindex' in answer.text


def test_recognised_families_are_published_nowhere(world: World) -> None:
    desk = world.visitor()

    assert "嘉积镇" not in desk.get("/published").text
    assert "没有查到" in desk.get("/published?unit=jiaji").text


def test_a_search_tells_no_more_than_the_list(world: World) -> None:
    desk = world.visitor()

    assert "王**" in desk.get("/published?unit=qiupu&search=王小小").text  # as the list shows it
    assert "没有查到" in desk.get("/published?unit=qiupu&search=李大明").text
    assert "没有查到" in desk.get("/published?unit=qiupu&search=王%25").text


def test_who_is_stopped_is_taken_off_from_the_month_on(world: World) -> None:
    b = registers.benefit
    with world.runtime.store.transaction() as session:
        session.execute(update(b).where(b.c.item == "低保").values(end_month="2026-03"))

    assert "王**" not in world.visitor().get("/published?unit=qiupu").text


def test_an_odd_address_shows_the_townships(world: World) -> None:
    assert "秋浦街道" in world.visitor().get("/published?unit=nowhere&page=x").text
