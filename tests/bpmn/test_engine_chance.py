"""Diagrams and walks made by chance: the engine goes as BPMN says, kept, reloaded and unpruned alike."""

from __future__ import annotations

from collections import ChainMap
from random import Random

import pytest

from engine.bpmn.lint import lint
from tests.support.blocks import DEPARTMENTS, Drawing, begin, chance
from tests.support.walks import Walk


@pytest.mark.parametrize("seed", range(30))
def test_a_case_goes_as_it_is_drawn(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    top = chance(random, depth=3)
    facts = {"选": 0, "部门": DEPARTMENTS}
    case = Walk(Drawing(top).files, facts=dict(facts))
    expected = begin(top, ChainMap(dict(facts)))
    for _ in range(60):
        assert expected is not None
        assert case.keys() == expected.waiting()
        waiting = expected.waiting()
        weights = [1 if kind == "user" else 0.15 for _, kind, _ in waiting]  # else most cases end by a message
        node, kind, elements = key = random.choices(waiting, weights)[0]
        given = {"选": random.randint(0, 4)}
        ended = expected.step(key, given)
        (case.complete if kind == "user" else case.fire)(node, elements, **given)
        assert case.ended == ended
        if ended:
            break


@pytest.mark.parametrize("seed", range(40))
def test_the_gate_finds_no_fault_with_a_sound_drawing(seed: int) -> None:
    files = Drawing(chance(Random(seed), depth=3)).files  # noqa: S311
    findings = [finding for finding in lint(files) if finding.is_error and finding.rule != "restless-loop"]
    assert findings == []
