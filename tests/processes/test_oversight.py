"""督办: every dated example goes as it says, together they pass every node, and the supervised case learns of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from engine.bpmn.deployment import Deployment, read_folder
from engine.cases import Entries, Runtime, Step, complete, history, scenario, start, step, views
from engine.cases.about import write
from engine.cases.errors import FormRejected, ProcedureNotOpen
from engine.cases.history import line
from engine.cases.scenario import Report
from engine.cases.views import oversight
from engine.cases.views.bulletin import bulletin
from engine.clock.days import day_of
from engine.people import accounts
from engine.people.actor import Actor
from engine.store import tables
from forms import samples
from tests.processes.conftest import ROOT

FOLDER = ROOT / "processes" / "supervision" / "scenarios"
EXAMPLES = {each.path.stem: each for each in scenario.find([FOLDER]) if each.procedure == "oversight"}
DEPLOYED = Deployment(read_folder(ROOT))
NOW = datetime(2026, 4, 20, 2, tzinfo=UTC)
REPORTS: dict[tuple[int, str, bool], tuple[Report, Report]] = {}


def played(office: Runtime, name: str, reload: bool = False) -> tuple[Report, Report]:
    """The example's report and that of the case it is about; played once, however many tests ask."""
    key = (id(office), name, reload)
    if key not in REPORTS:
        run = scenario.Run(office, EXAMPLES[name], reload=reload)
        report = run.play()
        assert run.other is not None, report.failure
        REPORTS[key] = report, run.other
    return REPORTS[key]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_goes_as_it_says(real_office: Runtime, name: str) -> None:
    assert not played(real_office, name)[0].failure


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_goes_the_same_when_each_step_is_reloaded(real_office: Runtime, name: str) -> None:
    report, straight = played(real_office, name, True)[0], played(real_office, name)[0]

    assert not report.failure
    assert report.passed == straight.passed


def test_the_example_goes_the_same_on_postgresql(real_office_on_server: Runtime) -> None:
    assert not played(real_office_on_server, "returned_and_late", True)[0].failure


def test_every_node_is_passed_by_some_example(real_office: Runtime) -> None:
    passed = set().union(*(played(real_office, name)[0].passed for name in EXAMPLES))
    nodes = [f"oversight:{node.id}" for node in DEPLOYED.processes["oversight"].every_node()]

    assert [node for node in nodes if node not in passed] == []


def lines_about(office: Runtime, case_id: int) -> list[tuple[str, str]]:
    """What the supervised case's history says of 督办: (by whom, what)."""
    h = tables.history
    query = select(h.c.by_name, h.c.name).where(h.c.case_id == case_id, h.c.act == "oversight").order_by(h.c.seq)
    with office.store.transaction(write=False) as session:
        return [(row.by_name, row.name.partition(" ")[0]) for row in session.execute(query)]


def test_the_supervised_case_says_who_asked_who_answered_and_how_it_ended(real_office: Runtime) -> None:
    _, other = played(real_office, "returned_and_late")

    assert lines_about(real_office, other.case_id) == [
        ("华建军", "发出督办单"),
        ("孙国栋", "答复督办单"),
        ("华建军", "退回督办答复"),
        ("孙国栋", "答复督办单"),
        ("华建军", "督办办结"),
    ]


def test_the_list_of_acts_holds_the_sheet_once_with_its_last_reply(real_office: Runtime) -> None:
    report, other = played(real_office, "returned_and_late")
    a, p = tables.act, tables.paper
    with real_office.store.transaction(write=False) as session:
        [row] = session.execute(select(a).where(a.c.case_id == other.case_id, a.c.kind == "督办单")).mappings()
        numbers = session.execute(select(p.c.number).where(p.c.case_id == report.case_id)).scalars().all()

    assert row["number"] in numbers
    assert (row["unit_id"], row["by"], row["replied_by"]) == ("qiupu", "gc_supervisor", "qp_head")
    assert row["reply"].startswith("经办人病假未交接")


@pytest.fixture(params=["real_office", "real_office_on_server"])
def office(request: pytest.FixtureRequest) -> Runtime:
    """The office on either database."""
    found: Runtime = request.getfixturevalue(request.param)
    return found


def test_the_chain_of_the_supervised_case_holds_and_its_own_steps_chain_on(office: Runtime) -> None:
    """The live case, kept from before, goes on after lines that others have written."""
    run = scenario.Run(office, EXAMPLES["answered"])
    assert not run.play().failure
    assert run.other is not None
    t, other = tables.task, run.other
    with office.store.transaction(write=False) as session:
        task_id = session.execute(
            select(t.c.id).where(t.c.case_id == other.case_id, t.c.node_id == "decide", t.c.status == "open")
        ).scalar_one()
        head = accounts.find(session, "qp_head", day_of(NOW))
        assert head is not None
    with step(office, head, NOW) as this:
        page = views.task(this, task_id)
        given = {"决定结果": "退回重新评审", "退回理由": "请再核实"}
        known = {name: value for name, value in given.items() if name in page.form.fields}
        complete(this, task_id, Entries(*samples.entries(page.form, known, page.options, day_of(NOW))), "decided-late")
    with office.store.transaction(write=False) as session:
        assert [each for each in history.verify(session) if each.case_number == other.number] == []
    assert lines_about(office, other.case_id)[-1] == ("华建军", "督办办结")


def test_two_who_write_into_the_same_history_wait_for_each_other(office: Runtime) -> None:
    run = scenario.Run(office, EXAMPLES["answered"], until=scenario.moment("2026-04-01 10:00"))
    assert not run.play().failure
    assert run.other is not None
    case_id, number = run.other.case_id, run.other.number

    def note(text: str) -> None:
        with step(office, Actor("clock", "时钟"), NOW) as this:
            write(this, case_id, line(this.actor, this.now, "oversight", text))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, [f"第{each}行" for each in range(24)]))

    assert sorted(what for _, what in lines_about(office, case_id) if what.startswith("第")) == sorted(
        f"第{each}行" for each in range(24)
    )
    with office.store.transaction(write=False) as session:
        assert [each for each in history.verify(session) if each.case_number == number] == []


# --- what may not be asked --------------------------------------------------------------------------------------------


def ask(office: Runtime, account: str, number: str, unit: str = "qiupu") -> None:
    """Send a 督办单 about the case of this number to this unit."""
    with office.store.transaction(write=False) as session:
        actor = accounts.find(session, account, day_of(NOW))
    assert actor is not None
    with step(office, actor, NOW) as this:
        page = views.start_form(this, "oversight")
        given = {"被督办编号": number, "承办单位": unit}
        entries = Entries(*samples.entries(page.form, given, page.options, day_of(NOW)))
        start(this, "oversight", entries, page.key)


def test_a_case_out_of_sight_is_refused_like_one_that_never_was(real_office: Runtime) -> None:
    number = played(real_office, "answered")[1].number
    for wrong in (number, "341702DB209901010001"):
        with pytest.raises(FormRejected) as refused:
            ask(real_office, "dz_supervisor", wrong)
        assert refused.value.reading.errors == {"被督办编号": "没有这个编号的办件，或者不在您的查看范围内，请核对编号"}


def test_a_unit_without_part_in_the_case_is_refused(real_office: Runtime) -> None:
    with pytest.raises(FormRejected) as refused:
        ask(real_office, "gc_supervisor", played(real_office, "answered")[1].number, unit="yaodu")
    assert refused.value.reading.errors == {"承办单位": "这个单位没有参与这件办件，请选参与办理的单位"}


def test_there_is_no_sheet_about_a_sheet(real_office: Runtime) -> None:
    with pytest.raises(FormRejected) as refused:
        ask(real_office, "gc_supervisor", played(real_office, "answered")[0].number)
    assert refused.value.reading.errors == {"被督办编号": "这个编号本身就是督办，请填被督办的办件的编号"}


def test_nobody_but_supervisors_may_send_one(real_office: Runtime) -> None:
    with pytest.raises(ProcedureNotOpen):
        ask(real_office, "qp_deputy", played(real_office, "answered")[1].number)


def test_the_bulletin_and_the_list_of_sheets_read_on_either_database(office: Runtime) -> None:
    report, _ = played(office, "answered")
    with office.store.transaction(write=False) as session:
        supervisor = accounts.find(session, "gc_supervisor", day_of(NOW))
        assert supervisor is not None
        this = Step(office, session, supervisor, NOW)
        month = bulletin(this, date(2026, 4, 1), date(2026, 4, 30))
        found = oversight.listing(
            this, unit_id="qiupu", own=True, first=date(2026, 4, 1), last=date(2026, 4, 30), size=500
        )

    [township] = [row for row in month.rows if row.unit and row.unit.id == "qiupu"]
    assert township.overseen == found.total
    assert township.longest is not None
    assert report.case_id in {sheet.case_id for sheet in found.rows}
