"""Accounts and posts: who signs in, with which posts, on which day."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, update

from engine.people import accounts, passwords, posts
from engine.people.actor import Post
from engine.people.errors import (
    AccountIdUnfit,
    AccountTaken,
    AccountUnknown,
    PasswordUnfit,
    PostBackwards,
    UnitUnknown,
)
from engine.people.load import PEOPLE_FILE, load_demo_people, load_places, read_demo_people, read_places
from engine.people.roles import Roles
from engine.people.units import Units
from engine.store import tables
from engine.store.database import Store

PROCESSES = Path(__file__).parents[2] / "processes"
TODAY = date(2026, 3, 2)
PASSWORD = "jiuzhu-2026"


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*args: object) -> None:
        if str(args[2]).startswith("SELECT"):
            statements.append(str(args[2]))

    event.listen(store.engine, "before_cursor_execute", note)
    yield statements
    event.remove(store.engine, "before_cursor_execute", note)


def test_a_clerk_is_found_with_the_posts_of_today_in_one_statement(store: Store) -> None:
    with store.transaction(write=False) as session, counted(store) as statements:
        head = accounts.find(session, "qp_head", TODAY)

    assert head is not None
    assert head.name == "孙国栋"
    assert head.roles == {"township_head", "panel_member"}
    assert head.holds("township_head", "qiupu")
    assert head.posts[0] == Post("township_head", "qiupu", "/chizhou/guichi/qiupu/", "秋浦街道")
    assert len(statements) == 1


def test_only_the_right_password_of_an_open_account_signs_in(store: Store) -> None:
    with store.transaction() as session:
        signed_in = accounts.sign_in(session, " qp_window ", PASSWORD, TODAY)
        assert signed_in is not None
        assert signed_in.actor.account_id == "qp_window"
        assert accounts.sign_in(session, "qp_window", "jiuzhu-2025", TODAY) is None
        assert accounts.sign_in(session, "qp_window", "x" * 5000, TODAY) is None
        assert accounts.sign_in(session, "nobody", PASSWORD, TODAY) is None

        accounts.close(session, "qp_window")
        assert accounts.sign_in(session, "qp_window", PASSWORD, TODAY) is None
        assert accounts.find(session, "qp_window", TODAY) is None
        accounts.reopen(session, "qp_window")
        assert accounts.find(session, "qp_window", TODAY) is not None


def test_an_unknown_account_takes_the_work_of_a_known_one(store: Store) -> None:
    def cost(account_id: str) -> float:
        with store.transaction(write=False) as session:
            start = time.process_time()
            accounts.sign_in(session, account_id, "wrong-password", TODAY)
            return time.process_time() - start

    known = min(cost("qp_window") for _ in range(3))
    unknown = min(cost("nobody") for _ in range(3))

    assert passwords.is_current(passwords.NOBODY)
    assert known / 2 < unknown < known * 2


def test_a_post_counts_from_its_first_to_its_last_day(store: Store) -> None:
    with store.transaction() as session:
        posts.grant(
            session, "qp_clerk", "window_clerk", "qiupu", valid_from=date(2026, 3, 2), valid_to=date(2026, 3, 6)
        )

        def stands_in(day: date) -> bool:
            actor = accounts.find(session, "qp_clerk", day)
            return actor is not None and actor.holds("window_clerk", "qiupu")

        days = [date(2026, 3, day) for day in (1, 2, 6, 7)]
        assert [stands_in(day) for day in days] == [False, True, True, False]
        assert "qp_clerk" in posts.holders(session, "window_clerk", "qiupu", date(2026, 3, 6))
        assert "qp_clerk" not in posts.holders(session, "window_clerk", "qiupu", date(2026, 3, 7))


def test_somebody_absent_keeps_the_account_but_not_the_post(store: Store) -> None:
    with store.transaction() as session:
        posts.grant(session, "qp_window", "window_clerk", "qiupu", valid_from=date(2026, 4, 1))

        absent = accounts.find(session, "qp_window", TODAY)
        assert absent is not None
        assert absent.posts == ()
        assert "qp_window" not in posts.holders(session, "window_clerk", "qiupu", TODAY)
        assert "qp_window" in posts.holders(session, "window_clerk", "qiupu", date(2026, 4, 1))


def test_a_post_at_a_unit_that_was_dissolved_counts_no_more(store: Store) -> None:
    with store.transaction() as session:
        session.execute(update(tables.unit).where(tables.unit.c.id == "qiupu").values(valid_to=date(2026, 2, 28)))

        window = accounts.find(session, "qp_window", TODAY)
        assert window is not None
        assert window.posts == ()
        assert posts.holders(session, "window_clerk", "qiupu", TODAY) == []


def test_a_role_that_nobody_holds_is_reported(store: Store) -> None:
    with store.transaction() as session:
        assert posts.unheld(session, ["window_clerk", "county_head", "astronaut"], TODAY) == ["astronaut"]
        units = [unit_id for role, unit_id in posts.held(session, TODAY) if role == "county_head"]
        for account_id in [each for unit_id in units for each in posts.holders(session, "county_head", unit_id, TODAY)]:
            accounts.close(session, account_id)
        assert posts.unheld(session, ["county_head", "window_clerk"], TODAY) == ["county_head"]
        assert ("window_clerk", "yaodu") in posts.held(session, TODAY)


def test_a_new_account_signs_in_with_its_own_password_until_it_is_changed(store: Store) -> None:
    with store.transaction() as session:
        accounts.create(session, "ly_window", "林小雨", "first-password")
        assert accounts.sign_in(session, "ly_window", "first-password", TODAY) is not None
        accounts.set_password(session, "ly_window", "second-password")
        assert accounts.sign_in(session, "ly_window", "first-password", TODAY) is None
        assert accounts.sign_in(session, "ly_window", "second-password", TODAY) is not None


def test_unfit_accounts_passwords_and_posts_are_refused_in_chinese(store: Store) -> None:
    with store.transaction() as session:
        with pytest.raises(AccountTaken, match="qp_window"):
            accounts.create(session, "qp_window", "王晓梅", PASSWORD)
        with pytest.raises(AccountIdUnfit, match="public:1"):
            accounts.create(session, "public:1", "冒名者", PASSWORD)
        with pytest.raises(PasswordUnfit, match="8 至 128"):
            accounts.create(session, "short", "短密码", "1234567")
        with pytest.raises(AccountUnknown, match="nobody"):
            accounts.set_password(session, "nobody", PASSWORD)
        with pytest.raises(AccountUnknown, match="nobody"):
            posts.grant(session, "nobody", "window_clerk", "qiupu")
        with pytest.raises(UnitUnknown, match="atlantis"):
            posts.grant(session, "qp_window", "window_clerk", "atlantis")
        with pytest.raises(PostBackwards, match="结束日期早于开始日期"):
            posts.grant(session, "qp_window", "window_clerk", "qiupu", valid_from=TODAY, valid_to=date(2026, 3, 1))


def test_loading_twice_changes_nothing_and_keeps_a_changed_password(store: Store, roles: Roles) -> None:
    def counts() -> list[int]:
        with store.transaction(write=False) as session:
            every = (tables.unit, tables.account, tables.post)
            return [session.scalar(select(func.count()).select_from(table)) or 0 for table in every]

    before = counts()
    with store.transaction() as session:
        accounts.set_password(session, "qp_window", "my-own-password")
        load_places(session, PROCESSES / "places")
        load_demo_people(session, PROCESSES / "places", roles)

    assert counts() == before
    with store.transaction(write=False) as session:
        assert accounts.sign_in(session, "qp_window", "my-own-password", TODAY) is not None


def test_a_unit_renamed_in_its_file_is_renamed_at_the_next_loading(store: Store) -> None:
    with store.transaction() as session:
        session.execute(update(tables.unit).where(tables.unit.c.id == "qiupu").values(name="旧名"))
        load_places(session, PROCESSES / "places")
        assert session.scalar(select(tables.unit.c.name).where(tables.unit.c.id == "qiupu")) == "秋浦街道"


def test_every_role_of_the_offices_has_a_demo_account(roles: Roles) -> None:
    demo = read_demo_people(PROCESSES / "places", roles, Units(read_places(PROCESSES / "places")))
    held = {role for person in demo.people for role, _unit in person.posts}

    assert [role.id for role in roles if not role.public and role.id not in held] == []
    assert (PROCESSES / "places" / PEOPLE_FILE).exists()
    assert demo.password == PASSWORD


@pytest.mark.parametrize("township", ["qiupu", "yaodu"])
def test_both_demo_townships_can_run_the_whole_procedure(store: Store, township: str) -> None:
    with store.transaction(write=False) as session:
        number = {
            role: len(posts.holders(session, role, township, TODAY))
            for role in (
                "window_clerk",
                "civil_affairs_clerk",
                "surveyor",
                "panel_member",
                "township_head",
                "deputy_head",
            )
        }
    assert number["surveyor"] >= 2
    assert number["panel_member"] >= 5
    assert all(number.values())
