"""评议代表 by lot: anybody can draw again, two thirds are villagers, and a short list is short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.supervision.draw import DrawImpossible
from engine.supervision.representatives import VILLAGERS, Candidate, Lots, document, run, verify

LIST = tuple(Candidate(f"m{number:02d}", VILLAGERS if number % 2 else "党员代表") for number in range(20))
MADE = Lots("2026036", 7, LIST)


def test_seven_are_drawn_and_at_least_two_thirds_are_villagers() -> None:
    drawn = run(MADE)
    kinds = {one.mark: one.kind for one in LIST}

    assert len(set(drawn)) == 7
    assert sum(kinds[mark] == VILLAGERS for mark in drawn) * 3 >= 7 * 2


def test_the_order_of_the_list_changes_nothing_and_another_seed_draws_others() -> None:
    assert run(replace(MADE, candidates=LIST[::-1])) == run(MADE)
    assert run(replace(MADE, seed="2026037")) != run(MADE)


def test_without_enough_villagers_the_others_fill_the_seats() -> None:
    few = tuple(one for one in LIST if one.kind != VILLAGERS) + LIST[1:2]

    assert len(run(replace(MADE, candidates=few))) == 7
    assert LIST[1].mark in run(replace(MADE, candidates=few))


def test_a_published_draw_that_was_changed_is_noticed() -> None:
    said = document(MADE, run(MADE))

    assert verify(said) == []
    assert verify({**said, "result": said["result"][::-1]}) == ["按公布的种子重新抽取，结果与公布的不同"]
    assert len(verify({**said, "population": said["population"][1:]})) >= 1
    with pytest.raises(DrawImpossible, match="不完整"):
        verify({**said, "seats": None})


def test_no_seats_are_refused() -> None:
    with pytest.raises(DrawImpossible, match="至少1人"):
        run(replace(MADE, seats=0))
