"""双随机: anybody can run a draw again; nobody looks at what they handled; a changed list is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.commands import main
from engine.supervision.draw import Draw, DrawImpossible, Household, document, run, verify

PEOPLE = tuple(
    Household(f"待遇〔2026〕{number}号", ("boao", "jiaji", "dalu")[number % 3], "低保" if number % 4 else "特困")
    for number in range(1, 41)
)
MADE = Draw("2026036", 30, 2, (*PEOPLE, Household("待遇〔2026〕99号", "huishan", "低保")), ("a", "b", "c"))


def test_thirty_per_cent_are_drawn_rounded_up_and_every_township_is_visited() -> None:
    drawn = run(MADE)
    townships = {one.number: one.township for one in MADE.population}

    assert len(drawn) in (13, 14)  # ⌈0.3 × 41⌉, and the one of 会山镇 if it wasn't among them
    assert {townships[number] for number, _ in drawn} == {"boao", "jiaji", "dalu", "huishan"}
    assert all(len(set(by)) == 2 for _, by in drawn)


def test_the_order_in_which_the_list_is_written_changes_nothing() -> None:
    again = replace(MADE, population=MADE.population[::-1], inspectors=MADE.inspectors[::-1])

    assert run(again) == run(MADE)
    assert again.digest == MADE.digest


def test_another_seed_draws_others() -> None:
    assert run(replace(MADE, seed="2026037")) != run(MADE)


def test_who_handled_a_case_is_never_drawn_to_look_at_it() -> None:
    handled = tuple(replace(one, handlers=("a",)) for one in MADE.population)

    assert all("a" not in by for _, by in run(replace(MADE, population=handled)))


def test_a_draw_without_enough_people_who_have_not_handled_it_says_whom_it_lacks() -> None:
    handled = tuple(replace(one, handlers=("a", "b")) for one in MADE.population)

    with pytest.raises(DrawImpossible, match="需要2名没有经手过的检查人员，只有1名"):
        run(replace(MADE, population=handled))


def test_a_household_that_stands_twice_on_the_list_is_refused() -> None:
    with pytest.raises(DrawImpossible, match="重复"):
        run(replace(MADE, population=(*PEOPLE, PEOPLE[0])))


def written(path: Path, **changed: object) -> str:
    """The document of the draw in a file, with something changed in it."""
    path.write_text(json.dumps({**document(MADE, run(MADE)), **changed}, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_the_published_draw_comes_out_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "verify", written(tmp_path / "draw.json")]) == 0
    assert "一致：41户中抽取" in capsys.readouterr().out


def test_a_list_that_was_changed_afterwards_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fewer = document(MADE, run(MADE))["population"][1:]

    assert main(["draw", "verify", written(tmp_path / "draw.json", population=fewer)]) == 1
    assert "名单或者检查人员与抽取时不一致" in capsys.readouterr().out


def test_a_household_that_was_exchanged_in_the_result_is_noticed() -> None:
    found = document(MADE, run(MADE))
    found["result"][0]["number"] = "待遇〔2026〕100号"

    assert verify(found) == ["按公布的种子重新抽取，结果与公布的不同"]


@pytest.mark.parametrize(
    "text, said", [("[]", "不是抽取记录"), ("{", "读不出来"), ('{"algorithm": "MD5"}', "不认识抽取方法")]
)
def test_a_file_that_is_no_draw_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    path = tmp_path / "draw.json"
    path.write_text(text, encoding="utf-8")

    assert main(["draw", "verify", str(path)]) == 1
    assert said in capsys.readouterr().err
