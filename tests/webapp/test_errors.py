"""What the engine refuses becomes a page that says what to do."""

from __future__ import annotations

import inspect

import pytest

import engine.cases.errors
import engine.people.errors
from engine.cases.errors import CaseError, FormRejected, StepFailed
from tests.support.app import World
from webapp.errors import STATUS, WORDS, status_of

ENGINE_ERRORS = [
    kind for _, kind in inspect.getmembers(engine.cases.errors, inspect.isclass) if issubclass(kind, CaseError)
]


@pytest.mark.parametrize("kind", ENGINE_ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_of_a_verb_has_a_status_of_its_own(kind: type[CaseError]) -> None:
    assert kind in STATUS


@pytest.mark.parametrize("status", sorted(set(STATUS.values())))
def test_every_status_has_words_that_say_what_to_do(status: int) -> None:
    title, advice = WORDS[status]
    assert "请" in title + advice


def test_people_errors_never_blame_the_user(world: World) -> None:
    assert status_of(engine.people.errors.UnitUnknown("x")) == 500


def test_a_fault_of_ours_shows_no_trace_but_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> str:
        raise StepFailed("/secret/path.py line 3")

    world.app.add_url_rule("/follow/fail", "public.fail", fail)
    answer = world.visitor().get("/follow/fail")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "没有完成" in answer.text
    assert "secret" in caplog.text


def test_a_rejected_form_is_no_fault(world: World) -> None:
    assert STATUS[FormRejected] == 422


@pytest.mark.parametrize("address", ["/nothing", "/desk/cases/abc"])
def test_an_unknown_address_is_answered_in_chinese(world: World, address: str) -> None:
    answer = world.visitor().get(address)
    assert answer.status_code == 404
    assert "没有找到" in answer.text
