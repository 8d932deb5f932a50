"""Texts that analysts write are filled from the case."""

from __future__ import annotations

import pytest

from engine.topics.text import fill


@pytest.mark.parametrize(
    "known, text",
    [
        ({"理由": "已经停工"}, "结论\n理由：已经停工\n落款"),
        ({"理由": ""}, "结论\n落款"),
        ({}, "结论\n落款"),
    ],
)
def test_what_stands_in_double_brackets_is_left_out_without_its_value(known: dict[str, str], text: str) -> None:
    assert fill("结论\n[[理由：{理由}]]\n落款", known.get) == text


def test_a_value_with_brackets_of_its_own_is_written_as_it_is() -> None:
    assert fill("[[{甲}]]，{乙}", {"甲": "[[{乙}]]", "乙": "好"}.get) == "[[{乙}]]，好"
