"""Whatever comes from outside is answered in words: no address, form or file makes the office stumble."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from werkzeug.routing import Rule

from engine.store import tables
from tests.support.app import Desk, World, application, draw_png, signature
from webapp.security import limiter

ACCOUNTS = ("gc_supervisor", "cz_admin", "hs_pay1")
QUESTIONS = (
    *("page", "month", "unit", "light", "procedure", "status", "search", "number", "case", "which", "day", "year"),
    *("from", "to", "kind", "view", "item", "area", "sort", "as", "until", "follow", "clause", "state", "q"),
)
ODD = (
    "",
    "-1",
    "0",
    "99999999999999999999",
    "1e5",
    "１２",
    "2026-13",
    "2026-02-30",
    "全部",
    "%00",
    "' or 1=1 --",
    "x" * 3000,
)
odd_texts = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=40),
    st.dates().map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from([signature(), "data:image/png;base64,AAAA", "[]", "{}", "on", "full_online"]),
)
A_FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def addresses(world: World, method: str) -> list[str]:
    """Every address that answers to `method`, with something in the place of its parts."""
    rules = [rule for rule in world.app.url_map.iter_rules() if method in (rule.methods or ())]
    return sorted({filled(rule, part) for rule in rules for part in ("1", "9" * 20, "全_x")})


def filled(rule: Rule, part: str) -> str:
    converters = rule._converters
    number = part if part.isdecimal() else "7"
    chosen = {name: number if type(c).__name__ == "IntegerConverter" else part for name, c in converters.items()}
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda found: chosen[found[1]], rule.rule)


@pytest.mark.parametrize("account", ["", *ACCOUNTS])
def test_no_page_stumbles_over_a_number_date_or_name_that_does_not_exist(world: World, account: str) -> None:
    desk = world.desk(account) if account else world.visitor()
    stumbled = []
    for address in set(addresses(world, "GET")) - {"/desk/analysis/"}:  # it takes long, and takes no questions
        for odd in ("99999999999999999999", "2026-13"):
            limiter.reset()
            answer = desk.client.get(address, query_string=dict.fromkeys(QUESTIONS, odd), buffered=True)
            stumbled += [(address, odd)] if answer.status_code == 500 else []
    assert stumbled == []


@pytest.mark.parametrize("account", ["", *ACCOUNTS])
def test_no_form_stumbles_over_fields_that_it_does_not_have(world: World, account: str) -> None:
    desk = world.desk(account) if account else world.visitor()
    stumbled = []
    for address in addresses(world, "POST"):
        if "sign-out" in address or "sign-in" in address:
            continue
        limiter.reset()
        desk.get("/sign-in" if not account else "/desk/posts")
        fields = {"csrf_token": desk.token, "key": "1", **dict.fromkeys(QUESTIONS, "9" * 20), "members-0-name": "x"}
        answer = desk.client.post(address, data={**fields, "file": (BytesIO(b"x"), "x.csv")}, buffered=True)
        stumbled += [address] if answer.status_code == 500 else []
    assert stumbled == []


@pytest.mark.parametrize("address", ["/apply/full_online", "/apply/lead", "/apply/complaint"])
def test_whatever_a_family_sends_ends_in_a_case_or_in_words(world: World, address: str) -> None:
    family = world.visitor()
    if family.get(address).status_code == 404:
        pytest.skip("not offered")
    names = sorted(set(re.findall(r'name="([A-Za-z\u4e00-\u9fff][^"_]*)"', family.page)) - {"csrf_token", "key"})

    @A_FEW
    @given(st.dictionaries(st.sampled_from(names), odd_texts, max_size=25))
    def send(said: dict[str, str]) -> None:
        limiter.reset()
        family.get(address)
        whole = application(**said) if address.endswith("full_online") else said
        assert family.post(address, whole).status_code in (302, 422)

    send()


@A_FEW
@given(name=st.text(max_size=40), content=st.one_of(st.binary(max_size=400), st.just(draw_png()[:-20])))
def test_whatever_file_is_sent_is_taken_or_refused_at_its_field(world: World, name: str, content: bytes) -> None:
    limiter.reset()
    family = world.visitor()
    family.get("/apply/full_online")

    assert family.post("/apply/full_online", application(idCardFile=(BytesIO(content), name))).status_code in (302, 422)


# --- what a clerk or a family gets wrong, each with its sentence at its field -----------------------------------------


def fault(page: str, field: str) -> str:
    found = re.search(rf'id="f-{re.escape(field)}-error">([^<]*)', page)
    return found[1] if found else ""


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a digit of the number is wrong": ({"idNo": "110105194912310021"}, "idNo", "校验不通过"),
    "a number that is too short": ({"idNo": "1101051949123"}, "idNo", "应为 18 位"),
    "a birthday that never was": ({"idNo": "11010519490231002X"}, "idNo", "“19490231”不存在"),
    "two members with one number": (
        {
            f"members-1-{key}": value
            for key, value in (("name", "韦小玉"), ("idNo", "11010519491231002X"), ("relation", "10"))
        },
        "members-1-idNo",
        "与第 1 行重复，请核对",
    ),
    "a day to come": ({"residenceSince": "2027-05-01"}, "residenceSince", "不能晚于现在"),
    "a day that never was": ({"residenceSince": "2026-02-30"}, "residenceSince", "核对是否存在这一天"),
    "an amount with an exponent": ({"incomes-0-amount": "1e5"}, "incomes-0-amount", "请填写数字，例如 1200"),
    "an amount below nothing": ({"incomes-0-amount": "-3600"}, "incomes-0-amount", "金额不能小于 0"),
    "an amount in words": ({"members-0-monthlyIncome": "三百"}, "members-0-monthlyIncome", "请填写数字"),
    "a part of a cent": ({"incomes-0-amount": "3600.005"}, "incomes-0-amount", "最多两位小数"),
    "an account that is too short": ({"accountNo": "6222"}, "accountNo", "应为 12 至 19 位数字"),
    "a phone that is none": ({"phone": "12345"}, "phone", "联系电话应为 11 位"),
    "a unit that is none": ({"originTownship": "atlantis"}, "originTownship", "不在可选范围内"),
}


@pytest.mark.parametrize("changes, field, words", WRONG.values(), ids=list(WRONG))
def test_a_slip_is_explained_at_its_field_and_nothing_typed_is_lost(
    world: World, changes: dict[str, Any], field: str, words: str
) -> None:
    family = world.visitor()
    family.get("/apply/full_online")
    answer = family.post("/apply/full_online", application(**changes))

    assert answer.status_code == 422
    assert words in fault(answer.text, field)
    assert "本人患慢性病，常年服药，没有稳定收入。" in answer.text
    for typed in changes.values():
        assert typed == "atlantis" or str(typed) in answer.text


def test_full_width_digits_are_read_as_what_they_mean(world: World) -> None:
    family = world.visitor()
    family.get("/apply/full_online")
    said = {
        "idNo": "１１０１０５１９４９１２３１００２ｘ",
        "incomes-0-amount": "３，６００．５０元",
        "phone": "１３８０００００００１",
    }

    assert family.post("/apply/full_online", application(**said)).status_code == 302


def test_a_township_that_was_dissolved_is_not_offered_and_not_taken(world: World) -> None:
    u = tables.unit
    with world.runtime.store.transaction() as session:
        session.execute(update(u).where(u.c.id == "qiupu").values(valid_to=world.clock.now.date()))
        world.runtime.refresh(session)
    world.clock.move(days=1)
    family: Desk = world.visitor()

    assert 'value="qiupu"' not in family.get("/apply/full_online").text
    answer = family.post("/apply/full_online", application())
    assert answer.status_code == 422
    assert "不在可选范围内，请重新选择" in fault(answer.text, "originTownship")
