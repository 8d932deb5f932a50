"""Whoever supervises from above says why before looking into a case, and that is kept in its history (domain 2.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.app import Register, World

REASON = "核实群众来信反映的办理超期"


def test_the_city_opens_a_case_only_after_saying_why(world: World, register: Register) -> None:
    case_id = register()
    city = world.desk("cz_city")
    answer = city.get(f"/desk/cases/{case_id}")
    assert (answer.status_code, answer.location) == (302, f"/desk/cases/{case_id}/why")

    city.get(f"/desk/cases/{case_id}/why")
    assert city.post(f"/desk/cases/{case_id}/why", {"text": REASON}).location == f"/desk/cases/{case_id}"
    assert city.get(f"/desk/cases/{case_id}").status_code == 200
    assert REASON in world.desk("qp_clerk").get(f"/desk/cases/{case_id}").text


def test_the_reason_holds_until_the_end_of_the_day(world: World, register: Register) -> None:
    case_id = register()
    city = world.desk("cz_city")
    city.get(f"/desk/cases/{case_id}/why")
    city.post(f"/desk/cases/{case_id}/why", {"text": REASON})
    world.clock.now += timedelta(days=1)
    city = world.desk("cz_city")
    assert city.get(f"/desk/cases/{case_id}").status_code == 302


@pytest.mark.parametrize("text", ["", "看看", "由" * 201])
def test_a_reason_that_says_nothing_is_sent_back_and_kept(world: World, register: Register, text: str) -> None:
    case_id = register()
    city = world.desk("cz_city")
    city.get(f"/desk/cases/{case_id}/why")
    answer = city.post(f"/desk/cases/{case_id}/why", {"text": text})
    assert answer.status_code == 422
    assert "请写明为什么查阅这件办件" in answer.text
    assert text in answer.text


def test_the_live_diagram_and_the_files_need_the_reason_too(world: World, register: Register) -> None:
    case_id = register()
    city = world.desk("cz_city")
    for path in ("diagrams/full_online.json", "diagrams/full_online.bpmn", f"files/{'0' * 64}"):
        assert city.get(f"/desk/cases/{case_id}/{path}").status_code == 302, path


def test_a_case_out_of_sight_is_not_opened_by_a_reason(world: World, register: Register) -> None:
    case_id = register()
    stranger = world.desk("dz_supervisor")
    stranger.get("/desk/")
    assert stranger.post(f"/desk/cases/{case_id}/why", {"text": REASON}).status_code == 404
