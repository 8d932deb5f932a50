"""Who sees which cases, and what of them (domain 2.5)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from engine.people import accounts
from engine.people.actor import Actor, public
from engine.people.errors import PlacesInvalid
from engine.people.roles import Roles, read_roles
from engine.people.scope import Scope
from engine.people.sight import read_sights
from engine.store import tables
from engine.store.database import Store

PROCESSES = Path(__file__).parents[2] / "processes"
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = date(2026, 3, 2)
AT_QIUPU, AT_YAODU = "CZ-QP-1", "CZ-YD-1"


def _case(number: str, township: str, village: str, task_role: str, task_unit: str) -> tuple[dict[str, object], ...]:
    places = {"hukou_township": township, "hukou_village": village}
    row: dict[str, object] = {
        "number": number,
        "follow_code": "483920",
        "procedure": "full_online",
        "deployment_id": "d1",
        "revision": 1,
        "state": b"",
        "status": "open",
        "stage": "调查核对中",
        "places": places,
        "unit_id": township,
        "started_at": NOW,
        "started_by": "qp_window",
        "channel": "窗口",
    }
    task: dict[str, object] = {
        "id": f"task-{number}",
        "node_id": "survey",
        "process_id": "home_survey",
        "name": "入户调查",
        "form_id": "home_survey",
        "role": task_role,
        "place": "hukou_township",
        "unit_id": task_unit,
        "status": "open",
        "created_at": NOW,
        "case_number": number,
    }
    return row, task


@pytest.fixture
def cases(store: Store) -> Store:
    """One case of 秋浦街道 being surveyed, one of 尧渡镇 being verified."""
    with store.transaction() as session:
        session.execute(insert(tables.deployment).values(id="d1", number=1, at=NOW, by="test"))
        for row, task in (
            _case(AT_QIUPU, "qiupu", "qiupu_huxin", "surveyor", "qiupu"),
            _case(AT_YAODU, "yaodu", "yaodu_yaoshun", "county_checker", "dongzhi_check"),
        ):
            case_id = session.scalar(insert(tables.case).values(row).returning(tables.case.c.id))
            session.execute(insert(tables.task).values(task | {"case_id": case_id}))
            places = row["places"]
            assert isinstance(places, dict)
            for place, unit_id in places.items():
                path = session.scalar(select(tables.unit.c.path).where(tables.unit.c.id == unit_id))
                takes_part = {"case_id": case_id, "unit_id": unit_id, "place": place, "unit_path": path}
                session.execute(insert(tables.case_unit).values(takes_part))
    return store


def seen_by(store: Store, scope: Scope, actor: Actor | str) -> set[str]:
    with store.transaction(write=False) as session:
        found = accounts.find(session, actor, TODAY) if isinstance(actor, str) else actor
        assert found is not None
        return set(session.scalars(select(tables.case.c.number).where(scope.visible_cases(found))))


@pytest.mark.parametrize(
    "account_id, numbers",
    [
        ("qp_window", {AT_QIUPU}),
        ("qp_clerk", {AT_QIUPU}),
        ("yd_clerk", {AT_YAODU}),
        ("hx_village", {AT_QIUPU}),
        ("gc_clerk", {AT_QIUPU}),
        ("gc_supervisor", {AT_QIUPU}),
        ("dz_head", {AT_YAODU}),
        ("cz_city", {AT_QIUPU, AT_YAODU}),
        ("gc_audit", {AT_QIUPU}),
        ("cz_audit", {AT_QIUPU, AT_YAODU}),
    ],
)
def test_an_office_sees_the_cases_of_its_own_area(
    cases: Store, scope: Scope, account_id: str, numbers: set[str]
) -> None:
    assert seen_by(cases, scope, account_id) == numbers


@pytest.mark.parametrize(
    "account_id, numbers",
    [
        ("qp_survey1", {AT_QIUPU}),
        ("yd_survey1", set()),
        ("dz_check", {AT_YAODU}),
        ("gc_check1", set()),
        ("qp_panel1", set()),
        ("hx_rep1", set()),
    ],
)
def test_surveyors_checkers_and_panels_see_only_cases_with_a_task_for_them(
    cases: Store, scope: Scope, account_id: str, numbers: set[str]
) -> None:
    assert seen_by(cases, scope, account_id) == numbers


@pytest.mark.parametrize("role, account_id, days", [("surveyor", "qp_survey1", 30), ("panel_member", "qp_panel1", 0)])
@pytest.mark.parametrize("given", [True, False], ids=["given to a person", "of the post"])
def test_what_a_surveyor_or_the_panel_has_done_is_out_of_their_sight_after_some_days(
    cases: Store, scope: Scope, role: str, account_id: str, days: int, given: bool
) -> None:
    def done(ago: int) -> set[str]:
        day = TODAY - timedelta(days=ago)
        row = {"role": role, "status": "done", "closed_on": day, "assignee": account_id if given else None}
        with cases.transaction() as session:
            session.execute(update(tables.task).where(tables.task.c.case_number == AT_QIUPU).values(row))
        return seen_by(cases, scope, account_id)

    assert done(days) == {AT_QIUPU}
    assert done(days + 1) == set()


@pytest.mark.parametrize("account_id", ["cz_admin", "gc_finance", "gc_social"])
def test_administrator_finance_and_social_supervisor_see_no_case(cases: Store, scope: Scope, account_id: str) -> None:
    assert seen_by(cases, scope, account_id) == set()


def test_an_account_without_posts_sees_no_case(cases: Store, scope: Scope) -> None:
    assert seen_by(cases, scope, Actor("left", "离岗人员")) == set()


def test_a_citizen_sees_the_own_case_and_no_other(cases: Store, scope: Scope) -> None:
    assert seen_by(cases, scope, public(AT_QIUPU, "张三")) == {AT_QIUPU}


def test_an_underscore_in_a_unit_id_stands_for_itself(cases: Store, scope: Scope) -> None:
    with cases.transaction() as session:
        session.execute(insert(tables.unit).values(id="x", name="邻", kind="county_ca", path="/chizhouXwatch/"))
        takes_part = {"case_id": 1, "unit_id": "x", "place": "other", "unit_path": "/chizhouXwatch/"}
        session.execute(insert(tables.case_unit).values(takes_part))
        session.execute(insert(tables.unit).values(id="w", name="某局", kind="county_ca", path="/chizhou_watch/"))
        session.execute(insert(tables.account).values(id="w_clerk", name="某人", active=True))
        session.execute(insert(tables.post).values(account_id="w_clerk", role="county_clerk", unit_id="w"))
    assert seen_by(cases, scope, "w_clerk") == set()


def test_those_who_only_supervise_have_no_acting_role(cases: Store, scope: Scope) -> None:
    with cases.transaction(write=False) as session:
        city, clerk = (accounts.find(session, account_id, TODAY) for account_id in ("cz_city", "qp_clerk"))
    assert city is not None
    assert clerk is not None
    assert scope.acting_roles(city) == frozenset()
    assert scope.acting_roles(clerk) == {"civil_affairs_clerk"}


def test_a_village_sees_no_bank_account_no_illness_no_report_and_a_masked_identity_number(scope: Scope) -> None:
    application = scope.visible_fields({"village_assistant"}, "application")
    assert application.look("accountNo", "account") == "hidden"
    assert application.look("members.disease") == "hidden"
    assert application.look("idNo", "id") == "masked"
    assert application.look("members.idNo", "id") == "masked"
    assert application.look("applicantName", "name") == "plain"
    assert not scope.visible_fields({"village_assistant"}, "verification").visible


def test_the_window_sees_the_application_but_no_figures_of_the_report(scope: Scope) -> None:
    assert scope.visible_fields({"window_clerk"}, "application").look("idNo", "id") == "plain"
    assert scope.visible_fields({"window_clerk"}, "verification").look("sources.value") == "hidden"
    assert scope.visible_fields({"civil_affairs_clerk"}, "verification").look("sources.value") == "plain"


def test_surveyors_see_of_the_report_only_what_is_to_be_verified(scope: Scope) -> None:
    report = scope.visible_fields({"surveyor"}, "verification")
    assert report.look("差异说明") == "plain"
    assert report.look("核对金融资产") == "hidden"


def test_the_checker_works_without_the_story_of_the_case(scope: Scope) -> None:
    application = scope.visible_fields({"county_checker"}, "application")
    assert application.look("reasonText") == "hidden"
    assert application.look("accountNo", "account") == "plain"
    assert scope.visible_fields({"county_checker"}, "check_commission").visible
    assert not scope.visible_fields({"county_checker"}, "home_survey").visible


def test_the_family_reads_the_result_of_the_check_but_not_each_bank_nor_each_vote(scope: Scope) -> None:
    report = scope.visible_fields({"applicant"}, "verification")
    assert report.look("核对家庭月收入") == "plain"
    assert report.look("sources.value") == "hidden"
    assert scope.visible_fields({"applicant"}, "review_minutes").look("opinions.opinion") == "hidden"


def test_only_the_handler_sees_who_objected(scope: Scope) -> None:
    roles = {"civil_affairs_clerk"}
    assert scope.visible_fields(roles, "objection").look("异议人姓名", "name") == "hidden"
    assert scope.visible_fields(roles, "objection", handler=True).look("异议人姓名", "name") == "plain"
    assert scope.visible_fields({"applicant"}, "objection", handler=True).look("异议人姓名", "name") == "hidden"


def test_the_family_does_not_read_why_a_representative_is_recused_which_may_name_who_objected(scope: Scope) -> None:
    assert scope.visible_fields({"applicant"}, "recusal_plan").look("回避理由") == "hidden"
    assert scope.visible_fields({"applicant"}, "recusal_entry").look("回避原因") == "hidden"
    assert scope.visible_fields({"appraisal_host"}, "recusal_plan", handler=True).look("回避理由") == "plain"


def test_a_representative_sees_nothing_but_the_extract(scope: Scope) -> None:
    assert not scope.visible_fields({"appraisal_representative"}, "application").visible
    extract = scope.visible_fields({"appraisal_representative"}, "appraisal_record")
    assert extract.visible
    assert extract.look("phone", "phone") == "hidden"


def test_the_city_sees_masked_names_by_default_and_audit_sees_all(scope: Scope) -> None:
    assert scope.visible_fields({"prefecture"}, "application").look("applicantName", "name") == "masked"
    assert scope.visible_fields({"auditor"}, "application").look("idNo", "id") == "plain"


def test_of_two_roles_the_one_that_sees_more_decides(scope: Scope) -> None:
    both = scope.visible_fields({"village_assistant", "civil_affairs_clerk"}, "application")
    assert both.look("accountNo", "account") == "plain"


def test_a_role_without_case_data_sees_no_form_at_all(scope: Scope) -> None:
    nothing = scope.visible_fields({"administrator"}, "application")
    assert not nothing.visible
    assert nothing.look("applicantName") == "hidden"


def test_a_citizen_is_applicant_and_one_who_acts_for_another_is_agent(scope: Scope) -> None:
    assert scope.roles_of(public("1", "张三")) == {"applicant"}
    assert scope.roles_of(public("1", "李四", for_whom="张三")) == {"agent"}


@pytest.mark.parametrize(
    "form_id, field",
    [
        ("application", "accountNo"),
        ("application", "disease"),
        ("application", "reasonText"),
        ("verification", "sources"),
        ("verification", "核对金融资产"),
        ("objection", "异议人姓名"),
        ("objection", "异议证据"),
        ("review_minutes", "opinions"),
        ("review_minutes", "讨论情况"),
        ("review_signature", "本人意见"),
    ],
)
def test_what_the_table_hides_is_called_so_in_the_forms(form_id: str, field: str) -> None:
    text = (PROCESSES.parent / "forms" / "definitions" / f"{form_id}.form").read_text(encoding="utf-8")
    assert re.search(rf'"(key|path)": "{field}"', text)


@pytest.mark.parametrize(
    "text, message",
    [
        ('[[sight]]\nrole = "astronaut"', "没有这个角色"),
        ('[[sight]]\nrole = "auditor"\nmask = ["face"]', "不会给 face 打码"),
        ('[[sight]]\nrole = "auditor"\nhide_fields = ["@没有的组"]', "没有名为「没有的组」的组"),
        ('[groups]\na = ["@a"]\n[[sight]]\nrole = "auditor"\nhide_fields = ["@a"]', "互相引用"),
        ('[[sight]]\nrole = "auditor"', "没有写明看什么"),
    ],
)
def test_a_mistake_in_the_table_of_sights_is_told(tmp_path: Path, roles: Roles, text: str, message: str) -> None:
    path = tmp_path / "visibility.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlacesInvalid, match=message):
        read_sights(path, roles)


@pytest.mark.parametrize(
    "change, message",
    [
        (('rows = "tasks"', 'rows = "everything"'), "rows 写的是「everything」"),
        (('"county_fin"', '"treasury"'), "单位类型 treasury 不存在"),
        (('id = "surveyor"', 'id = "panel_member"'), "写了两次"),
    ],
)
def test_a_mistake_in_the_table_of_roles_is_told(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "roles.toml"
    text = (PROCESSES / "policy" / "roles.toml").read_text(encoding="utf-8")
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(PlacesInvalid, match=message):
        read_roles(path)
