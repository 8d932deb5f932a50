"""Who gets to which page: nobody reaches the desk without signing in, and a foreign case does not exist."""

from __future__ import annotations

import re

import pytest

from tests.support.app import Register, World, application
from webapp.sign_in import PUBLIC_PAGES


def addresses(world: World) -> list[tuple[str, str, str]]:
    """Every route as (endpoint, method, an address that fits)."""
    rules = world.app.url_map.iter_rules()
    return [
        (rule.endpoint, method, re.sub(r"<(?:int:)?(\w+)>", "1", rule.rule))
        for rule in rules
        for method in (rule.methods or set()) & {"GET", "POST"}
    ]


def test_every_page_demands_a_sign_in_or_is_on_the_public_list(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, method, address in addresses(world):
        if endpoint == "static" or endpoint.partition(".")[0] in PUBLIC_PAGES:
            continue
        answer = world.visitor().client.open(address, method=method)
        assert answer.status_code == 302, endpoint
        assert answer.location.startswith("/sign-in"), endpoint


def test_the_public_list_holds_nothing_of_the_desk(world: World) -> None:
    public = {address for endpoint, _, address in addresses(world) if endpoint.partition(".")[0] in PUBLIC_PAGES}
    assert not [address for address in public if address.startswith("/desk")]


def test_a_clerk_of_another_county_is_told_that_the_case_does_not_exist(world: World, register: Register) -> None:
    case_id = register()
    stranger = world.desk("dz_clerk")
    for address in (
        f"/desk/cases/{case_id}",
        f"/desk/cases/{case_id}/diagrams/full_online.bpmn",
        f"/desk/cases/{case_id}/diagrams/full_online.json",
        f"/desk/cases/{case_id}/files/{'a' * 64}",
        f"/desk/register/receipt/{case_id}",
    ):
        answer = stranger.get(address)
        assert answer.status_code == 404, address
        assert "韦小宝" not in answer.text


def test_a_foreign_task_cannot_be_read_claimed_released_or_completed(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    task = re.search(r"/desk/tasks/(\w+)", window.get("/desk/?which=posts").text)
    assert task
    stranger = world.desk("yd_window")
    assert stranger.get(f"/desk/tasks/{task[1]}").status_code == 404
    stranger.get("/desk/")
    for act in ("", "/claim", "/release"):
        assert stranger.post(f"/desk/tasks/{task[1]}{act}").status_code == 404


def test_a_case_that_never_was_looks_like_a_foreign_one(world: World, register: Register) -> None:
    foreign = world.desk("dz_clerk").get(f"/desk/cases/{register()}")
    missing = world.desk("dz_clerk").get("/desk/cases/999999")
    assert re.sub(r'value="[^"]+"', "", foreign.text) == re.sub(r'value="[^"]+"', "", missing.text)


def test_the_administrator_sees_no_case(world: World, register: Register) -> None:
    case_id = register()
    assert world.desk("cz_admin").get(f"/desk/cases/{case_id}").status_code == 404


def test_the_receipt_with_the_follow_code_is_only_for_those_who_register_such_cases(
    world: World, register: Register
) -> None:
    case_id = register()
    assert world.desk("qp_window").get(f"/desk/register/receipt/{case_id}").status_code == 200
    assert world.desk("qp_clerk").get(f"/desk/register/receipt/{case_id}").status_code in (200, 404)
    assert world.desk("gc_head").get(f"/desk/register/receipt/{case_id}").status_code == 404


def test_a_procedure_that_does_not_exist_cannot_be_started(world: World) -> None:
    window = world.desk("qp_window")
    window.get("/desk/")
    assert window.post("/desk/register/nothing", application()).status_code == 404


@pytest.mark.parametrize("address", ["/desk/cases/1/files/x", "/follow/files/x", "/follow/tasks/x", "/follow/receipt"])
def test_files_and_tasks_of_a_case_that_nobody_follows_are_not_found(world: World, address: str) -> None:
    assert world.visitor().get(address).status_code in (302, 404)
