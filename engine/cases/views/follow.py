"""What a family sees of its own case: plain words, the same dates that staff see, and what it is asked to do."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from engine.bpmn.deployment import Deployment
from engine.cases import sealing
from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.cases.views import clocks, messages
from engine.cases.views.case import Paper, papers
from engine.cases.views.clocks import DeadlineView
from engine.cases.views.messages import MessageView
from engine.store import tables


@dataclass(frozen=True)
class Milestone:
    """A stage that the case has reached."""

    name: str
    state: str  # done, open, late
    at: datetime
    text: str = ""


@dataclass(frozen=True)
class Letter:
    """Something that was told to the family."""

    title: str
    text: str
    at: datetime


@dataclass(frozen=True)
class FollowPage:
    """The family's page."""

    case: Mapping[str, Any]
    number: str
    applicant_name: str
    stage: str
    outcome: str | None
    steps: list[Milestone]
    tasks: list[Mapping[str, Any]]
    deadlines: list[DeadlineView]
    paused_text: str
    messages: list[MessageView]
    letters: list[Letter]
    papers: list[Paper]
    sealed: bool  # a report whose reporter is kept apart


def find(this: Step, number: str, code: str) -> dict[str, Any]:
    """The case of this number if the code is its own; `CaseNotFound` tells neither which was wrong."""
    c = tables.case
    columns = [column for column in c.c if column.name != "state"]
    row = this.session.execute(select(*columns).where(c.c.number == number.strip().upper())).mappings().one_or_none()
    expected = row["follow_code"] if row else "-" * 8
    if not hmac.compare_digest(code.strip().upper().encode(), expected.encode()) or row is None:
        raise CaseNotFound
    return {**row}


def kin(this: Step, row: Mapping[str, Any], case_id: int | None) -> dict[str, Any] | None:
    """The case `case_id` if it began the case `row`, or was begun by it, for the same person; else None.

    What began it for somebody else, such as a report about the family, stays unseen.
    """
    c = tables.case
    columns = [column for column in c.c if column.name != "state"]
    same_person = (c.c.id == case_id, c.c.applicant_id_no.is_not(None), c.c.applicant_id_no == row["applicant_id_no"])
    of_kin = or_(c.c.id == row["parent_id"], c.c.parent_id == row["id"])
    found = this.session.execute(select(*columns).where(*same_person, of_kin)).mappings().one_or_none()
    return {**found} if found else None


def follow(this: Step, number: str, code: str) -> FollowPage:
    """The family's page by case number and code."""
    row = find(this, number, code)
    deployment = this.runtime.deployment(this.session, row["deployment_id"])
    return FollowPage(
        case=row,
        number=row["number"],
        applicant_name=row["applicant_name"] or "",
        stage=row["outcome"] or row["stage"],
        outcome=row["outcome"],
        steps=_steps(this, deployment, row),
        tasks=_tasks(this, row["id"]),
        deadlines=[each for each in clocks.of_case(this, row) if each.is_open],
        paused_text=clocks.case_paused_text(row, this.now),
        messages=messages.messages(this, row),
        letters=_letters(this, row["id"]),
        papers=papers(this, row["id"]),
        sealed=row["applicant_name"] == sealing.NAME,
    )


def _steps(this: Step, deployment: Deployment, row: Mapping[str, Any]) -> list[Milestone]:
    """The stages in the order in which the case reached them; the last is open until the case is closed."""
    h = tables.history
    query = select(h.c.at, h.c.details).where(h.c.case_id == row["id"]).order_by(h.c.seq)
    reached: dict[str, datetime] = {"已提交": row["started_at"]}
    for line in this.session.execute(query):
        for stage in line.details.get("stages", ()):
            reached.pop(stage, None)
            reached[stage] = line.at
    names = list(reached)
    done = row["status"] != "open"
    return [Milestone(name, "done" if done or name != names[-1] else "open", at) for name, at in reached.items()]


def _tasks(this: Step, case_id: int) -> list[Mapping[str, Any]]:
    t = tables.task
    query = select(t).where(t.c.case_id == case_id, t.c.status == "open", t.c.place == "case")
    return [{**row, "due_text": clocks.due_text({**row})} for row in this.session.execute(query).mappings()]


def _letters(this: Step, case_id: int) -> list[Letter]:
    o = tables.outbox
    query = (
        select(o.c.title, o.c.text, o.c.created_at)
        .where(o.c.case_id == case_id, o.c.to_applicant, o.c.kind != "文书")
        .order_by(o.c.id.desc())
    )
    return [Letter(row.title, row.text, row.created_at) for row in this.session.execute(query)]
