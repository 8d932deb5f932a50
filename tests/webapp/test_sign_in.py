"""Signing in and out."""

from __future__ import annotations

from engine.people import accounts
from tests.support.app import PASSWORD, World
from webapp.sign_in import REFUSED


def test_an_unknown_account_and_a_wrong_password_are_answered_alike(world: World) -> None:
    answers = []
    for account in ("qp_window", "nobody_here"):
        visitor = world.visitor()
        visitor.get("/sign-in")
        answer = visitor.post("/sign-in", {"account": account, "password": "wrong"})
        assert answer.status_code == 401
        assert REFUSED in answer.text
        answers.append(answer.text.count("\n"))
    assert answers[0] == answers[1]


def test_five_wrong_passwords_a_minute_close_the_account_for_a_while_from_everywhere(world: World) -> None:
    for attempt in range(6):
        visitor = world.visitor()
        visitor.client.environ_base["REMOTE_ADDR"] = f"10.0.0.{attempt}"
        visitor.get("/sign-in")
        answer = visitor.post("/sign-in", {"account": "qp_window", "password": "wrong"})
    assert answer.status_code == 429
    assert "请稍后再试" in answer.text
    visitor = world.visitor()
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", {"account": "qp_clerk", "password": PASSWORD}).status_code == 302


def test_ten_wrong_passwords_a_minute_from_one_address_stop_it(world: World) -> None:
    visitor = world.visitor()
    visitor.get("/sign-in")
    statuses = [
        visitor.post("/sign-in", {"account": f"someone{number}", "password": "wrong"}).status_code
        for number in range(11)
    ]
    assert statuses == [401] * 10 + [429]


def test_an_office_of_twelve_may_sign_in_from_one_address_in_one_minute(world: World) -> None:
    for _ in range(12):
        world.desk("qp_window")


def test_signing_in_begins_a_new_session(world: World) -> None:
    visitor = world.visitor()
    visitor.get("/sign-in")
    before = visitor.client.get_cookie("jiuzhu")
    visitor.post("/sign-in", {"account": "qp_window", "password": PASSWORD})
    after = visitor.client.get_cookie("jiuzhu")
    assert before
    assert after
    assert before.value != after.value


def test_whoever_signs_out_is_out(world: World) -> None:
    window = world.desk("qp_window")
    window.get("/desk/")
    assert window.client.get("/sign-out").status_code == 405
    window.post("/sign-out")
    assert window.get("/desk/").location.startswith("/sign-in")


def test_an_account_that_was_closed_is_out_at_once(world: World) -> None:
    window = world.desk("qp_window")
    with world.runtime.store.transaction() as session:
        accounts.close(session, "qp_window")
    assert window.get("/desk/").location.startswith("/sign-in")


def test_my_posts_are_told_in_words(world: World) -> None:
    page = world.desk("qp_deputy").get("/desk/posts").text
    assert "分管负责人" in page
    assert "秋浦街道" in page
