"""Outages for tests: procedures with limits of every kind, and an outage entered by hand or noticed by the clock."""

from __future__ import annotations

from engine.cases import Done, deploy, outage_dates, outages
from engine.cases.outages import Entry
from engine.clock.text import show_due_at
from engine.store import tables
from tests.support.diagrams import chain, definitions, flow
from tests.support.office import OPERATOR, Office, moment
from tests.support.office_files import (
    CLERK,
    after,
    bound,
    catch,
    end,
    files,
    last,
    letter,
    procedure,
    properties,
    reminder,
    straight,
    task,
)

DAY = ("2026-07-07 09:00", "2026-07-07 15:00")  # a Tuesday
NIGHT = ("2026-07-06 20:00", "2026-07-07 02:00")


def limits() -> bytes:
    """One task with limits that this system has set, one in law, and an appraisal that stops them all."""
    own = {"一日": "1个工作日", "五日": "5个工作日", "一天半": "36小时", "月中": "每月15日前"}
    timers = "".join(
        bound(name, "办理", text, limit="OWN") + end(f"{name}到") + flow(name, f"{name}到")
        for name, text in own.items()
    )
    lawful = bound("法定", "办理", "1个工作日", limit="D01") + reminder(
        "催法定", tell="deputy_head@application_township"
    )
    reminds = bound("提醒", "办理", "1个工作日", limit="OWN") + reminder("催内部", tell=CLERK)
    pausing = letter("要求评议", "办理", "vote", interrupting=False, sender=CLERK)
    pausing += task("评议", CLERK, clock="pause", pause="评议") + chain("要求评议", "评议", "评了") + end("评了")
    return procedure(
        "stood",
        task("办理")
        + straight("办理")
        + timers
        + lawful
        + flow("法定", "催法定")
        + reminds
        + flow("提醒", "催内部")
        + pausing,
        messages="vote",
    )


def afterwards() -> bytes:
    """A wait in law, and after it a task with a limit of this system."""
    return procedure(
        "afterwards",
        catch("等", after("1个工作日"), limit="D01")
        + task("接着")
        + bound("接着办", "接着", "1个工作日", limit="OWN")
        + end("接着办到")
        + flow("接着办", "接着办到")
        + chain("start", "等", "接着", "end")
        + last(),
    )


def by_clock() -> bytes:
    """A task that each township gets on the sixth of a month."""
    return definitions(
        '<bpmn:process id="by_clock" name="每月的事" isExecutable="true">'
        f'<bpmn:startEvent id="start" name="每月6日">{properties(each="township", place="application_township")}'
        "<bpmn:timerEventDefinition><bpmn:timeCycle>每月6日 18:00</bpmn:timeCycle></bpmn:timerEventDefinition>"
        "</bpmn:startEvent>"
        + task("做")
        + straight("做")
        + bound("做完", "做", "1个工作日", limit="OWN")
        + end("做完到")
        + flow("做完", "做完到")
        + "</bpmn:process>"
    )


def office_of(office: Office) -> Office:
    """The office with these procedures."""
    own = {"stood": limits(), "afterwards": afterwards(), "by_clock": by_clock()}
    with office.step() as this:
        deploy.deploy(this, files() | {f"processes/office/{name}.bpmn": content for name, content in own.items()})
    return office


def enter(office: Office, begin: str, end: str, *, unit: str = "", now: str = "", what: str = "停电") -> int:
    """Somebody enters an outage when it has ended, or at `now`; gives its id."""
    with office.step(OPERATOR, now or end) as this:
        return outages.record(this, Entry(moment(begin), moment(end), unit, what))


def follow(office: Office) -> bool:
    """Every case follows what is new."""
    return outage_dates.carry_out(office.runtime, lambda: office.now)


def due(office: Office, case: Done) -> dict[str, str]:
    """The dates of the case's open deadlines by node."""
    rows = office.deadlines(case).items()
    return {node: show_due_at(row["due_at"]) for node, row in rows if row["status"] in ("running", "overdue")}


def told(office: Office, case: Done) -> list[str]:
    """What the case's history says of outages."""
    rows = office.rows(tables.history, case_id=case.case_id, act="outage")
    return [f"{row['name']}：{row['details']['text']}" for row in rows]
