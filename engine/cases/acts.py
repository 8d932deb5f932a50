"""Numbered acts beside a case: 催办 by hand and its answer; those of the ladder are in `climbing`. None moves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, insert, select, update

from engine.bpmn.diagram import pairs
from engine.cases import about, access, deadlines, ladder, numbers
from engine.cases.errors import (
    ActNotFound,
    CaseNotFound,
    ReplyRefused,
    TaskAlreadyClosed,
    TaskNotFound,
    UrgeRefused,
    WordsWrong,
)
from engine.cases.facts import resolve
from engine.cases.history import line
from engine.clock.days import day_of
from engine.people.actor import Post
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.runtime import Step

URGE, REPLY = "催办", "催办答复"
MOST_WORDS = 300
Row = dict[str, Any]


@dataclass(frozen=True)
class Receiver:
    """Whom an act tells: an account, the holders of a role at a unit, or with neither the applicant's side."""

    account: str = ""
    role: str = ""
    unit: str = ""

    @property
    def is_applicant(self) -> bool:
        return not (self.account or self.role)

    def __str__(self) -> str:
        return self.account or (f"{self.role}@{self.unit}" if self.role else "applicant@case")


def urge(this: Step, case_id: int, task_id: str, text: str) -> str:
    """Urge whoever holds an open task, in the name of the actor's unit; gives the number of the act.

    `CaseNotFound`, `TaskNotFound`, `TaskAlreadyClosed`, `WordsWrong`; `UrgeRefused` for a role that may not, a task
    of the applicant's or one's own, and more often than the table allows (processes/policy/ladder.toml).
    """
    case = lock(this, case_id)
    task = _task(this, case, task_id)
    post = urging_post(this, case, task)
    if post is None:
        raise UrgeRefused("您的岗位不能催办这一环节")
    if task["place"] == "case":
        raise UrgeRefused("这一环节由申请人办理，不能催办；请按联系电话联系申请人")
    if access.has_task_role(this.actor, {**task, "number": case["number"]}):
        raise UrgeRefused("这一环节就在您的岗位上，请直接办理")
    _check_rate(this, case, task_id, post)
    said = words(text, "催办内容")
    draft = {
        "number": numbers.act_number(this, ladder.ladders(this.runtime).urge.word),
        "kind": URGE,
        "task_id": task_id,
        "name": task["name"],
        "unit_id": task["unit_id"],
        "unit_path": task["unit_path"],
        "text": said,
        "by_unit_id": post.unit_id,
    }
    message = f"{named(case)}：{said}（{post.unit_name}{this.actor.name}，{draft['number']}）"
    issue(this, case, draft, [holder_of(task)], message, act="urged", node_id=task["node_id"])
    return str(draft["number"])


def reply(this: Step, act_id: int, text: str) -> int:
    """Answer a 催办 once, as the holder of its task; the asker is told. Gives the case's id.

    `ActNotFound`, `WordsWrong`, `ReplyRefused`.
    """
    a, t = tables.act, tables.task
    case_id = this.session.execute(select(a.c.case_id).where(a.c.id == act_id)).scalar_one_or_none()
    if case_id is None:
        raise ActNotFound
    try:
        case = lock(this, case_id)
    except CaseNotFound:
        raise ActNotFound from None
    act = {**this.session.execute(select(a).where(a.c.id == act_id)).mappings().one()}
    task = this.session.execute(select(t).where(t.c.id == act["task_id"])).mappings().one_or_none()
    if act["kind"] != URGE or task is None or not access.has_task_role(this.actor, {**task, "number": case["number"]}):
        raise ReplyRefused("这件催办由经办人答复，您可以查看，不能答复")
    said = words(text, "答复")
    done = update(a).where(a.c.id == act_id, a.c.replied_at.is_(None))
    answer = {"reply": said, "replied_at": this.now, "replied_by": this.actor.account_id}
    changed = this.session.execute(done.values(**answer, replied_by_name=this.actor.name))
    if cast("CursorResult[Any]", changed).rowcount != 1:
        raise ReplyRefused(f"这件催办已由{act['replied_by_name']}答复，不能再次答复")
    name = f"答复{act['number']}：{act['name']}"
    entry = line(this.actor, this.now, "replied", name, unit_id=act["unit_id"], details={"text": said})
    about.write(this, case_id, entry)
    answer_text = f"{named(case)}：{this.actor.name}答复：{said}"
    send(this, case, f"act:{act_id}:reply", REPLY, name, answer_text, [Receiver(act["by"])])
    return int(case_id)


def urging_post(this: Step, case: Mapping[str, Any], task: Mapping[str, Any]) -> Post | None:
    """The post by which the actor may urge this task: above its unit in the tree, or where the table says."""
    rules, units = ladder.ladders(this.runtime).urge, this.runtime.units
    senders = {(role, resolve(case["places"], place, units)) for each in rules.senders for role, place in pairs(each)}
    for post in this.actor.posts:
        below = post.role in rules.roles and (task["unit_path"] or "").startswith(post.unit_path)
        if below or (post.role, post.unit_id) in senders:
            return post
    return None


def _task(this: Step, case: Mapping[str, Any], task_id: str) -> Row:
    t = tables.task
    query = select(t).where(t.c.id == task_id, t.c.case_id == case["id"])
    found = this.session.execute(query).mappings().one_or_none()
    if found is None:
        raise TaskNotFound
    if found["status"] != "open":
        raise TaskAlreadyClosed(None, found["closed_at"], found["due_at"])
    return {**found}


def _check_rate(this: Step, case: Mapping[str, Any], task_id: str, post: Post) -> None:
    """A rest day belongs to the working day after it: who urged on Saturday has urged for Monday."""
    a, rules = tables.act, ladder.ladders(this.runtime).urge
    same = (a.c.task_id == task_id, a.c.kind == URGE, a.c.by_unit_id == post.unit_id)
    query = select(a.c.number, a.c.at, a.c.by_name).where(*same).order_by(a.c.id.desc()).limit(1)
    last = this.session.execute(query).one_or_none()
    if last is None:
        return
    calendar = this.runtime.calendar(deadlines.region(this.runtime, case["unit_id"]))
    since, today = (calendar.next_workday(day_of(at)) for at in (last.at, this.now))
    if calendar.workdays_between(since, today) < rules.workdays:
        often = "每个工作日" if rules.workdays == 1 else f"{rules.workdays}个工作日内"
        raise UrgeRefused(
            f"{post.unit_name}的{last.by_name}已就这一环节催办（{last.number}）；"
            f"同一单位对同一环节{often}只能催办一次，请等候答复，或过后再催"
        )


def words(text: str, what: str, most: int = MOST_WORDS) -> str:
    """What was typed, without blanks around it; `WordsWrong` when there is nothing or too much."""
    said = text.strip()
    if not said:
        raise WordsWrong(f"请填写{what}")
    if len(said) > most:
        raise WordsWrong(f"{what}最多{most}字，现在是{len(said)}字")
    return said


# --- what every act does ------------------------------------------------------------------------------------------


def lock(this: Step, case_id: int) -> Row:
    """The case's row without its state, held until the step's end, if the actor may see it; else `CaseNotFound`."""
    found = lock_unseen(this, case_id)
    if not access.sees_case(this.session, this.runtime.scope, this.actor, found):
        raise CaseNotFound
    return found


def lock_unseen(this: Step, case_id: int) -> Row:
    """The same for the clock, which sees every case."""
    c = tables.case
    columns = [column for column in c.c if column.name != "state"]
    query = select(*columns).where(c.c.id == case_id).with_for_update()
    found = this.session.execute(query).mappings().one_or_none()
    if found is None:
        raise CaseNotFound
    return {**found}


def holder_of(task: Mapping[str, Any]) -> Receiver:
    """Who has a task in hand: the account that signed for it, else the post; the family for its own."""
    if task["place"] == "case":
        return Receiver()
    return Receiver(account=task["assignee"]) if task["assignee"] else Receiver("", task["role"], task["unit_id"] or "")


def named(case: Mapping[str, Any]) -> str:
    """`办件34170002DB202603020001（刘桂英）`."""
    return f"办件{case['number']}（{case['applicant_name'] or ''}）"


def issue(
    this: Step,
    case: Mapping[str, Any],
    draft: Mapping[str, Any],
    receivers: Sequence[Receiver],
    message: str,
    *,
    act: str,
    node_id: str | None,
) -> None:
    """Keep an act (`draft` has its own columns), write it into the history as `act`, and tell the receivers."""
    made = {"case_id": case["id"], "told": [str(each) for each in receivers], "at": this.now}
    row = {**made, **draft, "by": this.actor.account_id, "by_name": this.actor.name}
    act_id = this.session.execute(insert(tables.act).values(row).returning(tables.act.c.id)).scalar_one()
    title = f"{row['kind']}：{row['name']}（{row['number']}）"
    details = {"text": row["text"], "number": row["number"], "told": row["told"]}
    entry = line(this.actor, this.now, act, title, node_id=node_id, unit_id=row["unit_id"], details=details)
    about.write(this, case["id"], entry)
    send(this, case, f"act:{act_id}", row["kind"], title, message, receivers)


def send(
    this: Step, case: Mapping[str, Any], key: str, kind: str, title: str, text: str, receivers: Sequence[Receiver]
) -> None:
    """Put a message to each receiver into the outbox."""
    rows = [
        {
            "case_id": case["id"],
            "key": f"{case['id']}:{key}:{number}",
            "to_account": to.account or None,
            "to_role": to.role or None,
            "to_unit": to.unit or None,
            "to_applicant": to.is_applicant,
            "kind": kind,
            "title": title[:160],
            "text": text,
            "created_at": this.now,
        }
        for number, to in enumerate(receivers)
    ]
    if rows:
        this.session.execute(insert(tables.outbox), rows)
