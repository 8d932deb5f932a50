"""One rung of the ladder: what the clock does as a deadline nears and passes, once each, and whom it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from engine.bpmn.diagram import pairs
from engine.cases import acts, deadlines, ladder, numbers, turns
from engine.cases.acts import Receiver
from engine.cases.facts import resolve
from engine.clock.days import day_of
from engine.clock.rungs import Rung
from engine.clock.text import remaining, show_due
from engine.people import posts
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.runtime import Step

HOLDER, UNIT = "holder", "unit"
D = tables.deadline
Row = dict[str, Any]


def is_due(now: datetime) -> ColumnElement[bool]:
    """Which deadlines have an act due; a timer that should have fired comes first: the diagram speaks before us."""
    in_order = or_(D.c.status == "overdue", and_(D.c.status == "running", D.c.due_at > now))
    return and_(D.c.next_act_at <= now, in_order)


def climb(this: Step, deadline_id: str) -> bool:
    """Do the next rung that is due for a deadline; False when there is none (moved, met, done elsewhere).

    After a time in which nothing ran, only the last of the due warnings is given; once the deadline has passed, none:
    nobody is reminded of what is over. The rungs after it are done one by one, each by a call.
    """
    turns.wait_for_deadline(this, deadline_id)
    query = select(D).where(D.c.id == deadline_id, is_due(this.now))
    found = this.session.execute(query).mappings().one_or_none()
    if found is None:
        return False
    row = {**found}
    missed, due = _choose(this, row)
    climbed = Climbed(this, row, acts.lock_unseen(this, row["case_id"]))
    done = next((number for number in due if climbed.do(number, missed)), None)
    last = done if done is not None else next(reversed([*missed, *due]), row["rung"] - 1)
    row["rung"] = last + 1
    change = {"rung": row["rung"], "next_act_at": deadlines.next_act_at(this.runtime, row)}
    this.session.execute(update(D).where(D.c.id == deadline_id).values(change))
    return done is not None


def _choose(this: Step, row: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    """The numbers of the rungs that are given up, and of those of which the first that finds somebody is done."""
    rungs = ladder.ladders(this.runtime).of(row)
    due = [number for number, at in deadlines.ahead(this.runtime, row) if at <= this.now]
    warnings = [number for number in due if rungs[number].is_before]
    if row["status"] == "overdue":
        return warnings, [number for number in due if not rungs[number].is_before]
    return warnings[:-1], warnings[-1:]


@dataclass(frozen=True)
class Climbed:
    """A deadline at one of its rungs, with its case."""

    this: Step
    row: Mapping[str, Any]
    case: Mapping[str, Any]

    def do(self, number: int, missed: Sequence[int]) -> bool:
        """Number the act, keep it, tell; False when there is nobody whom it could tell."""
        rungs = ladder.ladders(self.this.runtime).of(self.row)
        rung = rungs[number]
        receivers = self._receivers(rung)
        if not receivers:
            return False
        act_number = numbers.act_number(self.this, rung.kind.word)
        lost = "、".join(rungs[each].kind.name for each in missed)
        text = self._text(rung, act_number) + (f"系统停机期间没有发出的：{lost}。" if lost else "")
        draft = {
            "number": act_number,
            "kind": rung.kind.name,
            "task_id": self.row["task_id"],
            "deadline_id": self.row["id"],
            "rung": number,
            "name": self.row["name"],
            "unit_id": self.row["unit_id"],
            "unit_path": self.row["unit_path"],
            "text": text,
        }
        acts.issue(self.this, self.case, draft, receivers, text, act="ladder", node_id=self.row["attached_to"])
        return True

    def _receivers(self, rung: Rung) -> list[Receiver]:
        """Whom it tells, each once; about a task of the family's nobody but the family, and only before it is over."""
        tasks = self._tasks()
        if self.row["task_id"] and (not tasks or tasks[0]["place"] == "case"):
            return [Receiver()] if tasks and rung.is_before and HOLDER in rung.tell else []
        holders = [acts.holder_of(task) for task in tasks if task["place"] != "case"]
        found = [each for post in rung.tell for each in (holders if post == HOLDER else self._posts(post))]
        return list(dict.fromkeys(found or holders))

    def _tasks(self) -> list[Row]:
        """The open task that the deadline bounds; of a limit on several steps, all open ones of the case."""
        t = tables.task
        which = t.c.id == self.row["task_id"] if self.row["task_id"] else t.c.case_id == self.case["id"]
        query = select(t).where(which, t.c.status == "open").order_by(t.c.created_at, t.c.id)
        return [{**task} for task in self.this.session.execute(query).mappings()]

    def _posts(self, text: str) -> Iterator[Receiver]:
        """A post that somebody holds today: at the unit whose work it is or the nearest above, or at a place."""
        units, day = self.this.runtime.units, day_of(self.this.now)
        for role, place in pairs(text):
            own = units.find(self.row["unit_id"] if place == UNIT else resolve(self.case["places"], place, units))
            above = units.ancestors(own.id) if own and place == UNIT else []
            for unit in [own, *above] if own else []:
                if posts.holders(self.this.session, role, unit.id, day):
                    yield Receiver("", role, unit.id)
                    break

    def _text(self, rung: Rung, act_number: str) -> str:
        row, runtime = self.row, self.this.runtime
        unit = runtime.units.find(row["unit_id"])
        said = {
            "编号": act_number,
            "办件编号": self.case["number"],
            "申请人": self.case["applicant_name"] or "",
            "事项": row["name"],
            "时限": row["limit_text"],
            "到期日": show_due(SimpleNamespace(**row), bounds=False),
            "还剩": remaining(self.this.now, row["due_at"], deadlines.calendar_of(runtime, row)),
            "单位": unit.name if unit else "经办单位",
        }
        text = rung.kind.text
        for name, value in said.items():
            text = text.replace(f"{{{name}}}", value)
        return text
