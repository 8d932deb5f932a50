"""One case during one step: what the engine moved becomes rows, history and messages, written once at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, insert, select, update
from sqlalchemy import case as sql_case

from engine import topics
from engine.bpmn.decision import Matched
from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node
from engine.bpmn.errors import DiagramError
from engine.bpmn.run import Live, Token
from engine.cases import closing, deadlines, filing, numbers, pausing
from engine.cases.errors import StepConflict, StepFailed
from engine.cases.facts import SYSTEM, resolve, system_facts
from engine.cases.history import Chain, line
from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.clock.deadline import Deadline
from engine.clock.errors import ClockError
from engine.people.actor import Actor
from engine.people.units import Unit
from engine.store import tables
from forms.errors import FormsError

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))
# made once: building a statement costs more than running it
WRITE_CASE = (
    update(tables.case)
    .where(tables.case.c.id == bindparam("which_case"), tables.case.c.revision == bindparam("which_revision"))
    .values(deadlines.step_columns())
)
CLOSE_TASK = update(tables.task).where(tables.task.c.id == bindparam("which_task"))
NEW_TASKS, NEW_DEADLINES = insert(tables.task), insert(tables.deadline)
NEW_LINES, NEW_MESSAGES = insert(tables.history), insert(tables.outbox)
NO_DATES = {**dict.fromkeys(deadlines.DATES), "provisional": False}
SYSTEM_ACTOR = Actor("system", "系统")


@dataclass
class Move:
    """A case that is being moved. Topics see it through `Work`."""

    step: Step
    case: dict[str, Any]
    deployment: Deployment
    live: Live
    fired: Token | None = None
    instance: str | None = None  # that in which the step's act, or the topic at work, is done
    retrying: str | None = None  # id of the work that failed before and is tried again
    completed: str | None = None  # id of the task that this step completes
    task: Mapping[str, Any] = field(default_factory=dict)  # its row: created_on, due_at
    before: dict[str, Token] = field(default_factory=dict)
    stood: dict[str, Token] = field(default_factory=dict)  # where tokens stood before the step
    changes: dict[str, Any] = field(default_factory=dict)  # of the case's row
    lines: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    _file: list[tuple[str | None, str, dict[str, Any]]] | None = None

    # -- what topics and verbs use

    def unit(self, place: str, token: Token | None = None) -> str | None:
        """The unit that a place means in this case, or in the instance in which `token` stands."""
        return resolve(places_at(self.case, token), place, self.step.runtime.units)

    def file(self, instance: str | None = None) -> dict[str, dict[str, Any]]:
        """The case file: latest values by form id; in an instance without what was said in the others."""
        if self._file is None:
            s = tables.submission
            query = select(s.c.instance, s.c.form_id, s.c["values"]).where(s.c.case_id == self.case["id"])
            found = self.step.session.execute(query.order_by(s.c.id)).mappings()
            self._file = [(row["instance"], row["form_id"], row["values"]) for row in found]
        return {form: values for own, form, values in self._file if instance is None or own in (None, instance)}

    def record(self, act: str, name: str, *, by: Actor | None = None, **more: Any) -> None:
        """Add a line to the case's history; one of several instances says which in the details."""
        if self.instance:
            more["details"] = {**(more.get("details") or {}), "instance": self.instance}
        self.lines.append(line(by or self.step.actor, self.step.woken_at or self.step.now, act, name, **more))

    def tell(
        self, key: str, kind: str, title: str, text: str, *, role: str = "", place: str = "", unit_id: str = ""
    ) -> None:
        """Put a message into the outbox: to a role at a place or unit, or to the applicant's side without one.

        Two places may be the same unit: nobody is told the same thing twice.
        """
        to_unit = unit_id or (self.unit(place) if place else None)
        if any((m["to_role"], m["to_unit"], m["text"]) == (role or None, to_unit, text) for m in self.messages):
            return
        self.messages.append(
            {
                "case_id": self.case["id"],
                "key": f"{self.case['id']}:{key}",
                "to_role": role or None,
                "to_unit": to_unit,
                "to_account": None,
                "to_applicant": not role,
                "kind": kind,
                "title": title[:160],
                "text": text,
                "created_at": self.step.now,
            }
        )

    def deadline(self, text: str, limit_id: str | None) -> Deadline:
        """When a limit that begins now falls due at the case's deciding place."""
        return deadlines.derive(self.step.runtime, self.case["places"], text, limit_id, self.step.now)

    def number(self, kind: str, word: str) -> str:
        """The next 文书编号 of this kind and year."""
        return numbers.paper_number(self.step, kind, word)

    def change(self, **columns: Any) -> None:
        """Change columns of the case's row."""
        self.changes.update(columns)
        self.case.update(columns)

    # -- the engine's side

    def know(self) -> None:
        """Tell the engine what the platform itself knows: date, region …"""
        wanted = self.deployment.wanted_facts(self.case["procedure"])
        known = system_facts(self.step.runtime, self.case, self.step.now)
        self.live.learn({name: value for name, value in known.items() if name in wanted and name in SYSTEM})
        self.live.moment = self.step.now

    def work(self) -> None:
        """Run the topics that tokens wait for, until none is left that this process can do."""
        while ready := [token for token in self.live.waiting().values() if self._workable(token)]:
            for token in ready:
                self._work_one(token)

    def _workable(self, token: Token) -> bool:
        new = token.id not in self.before or token.id == self.retrying
        return token.kind == "work" and new and token.id not in self.failed

    def _work_one(self, token: Token) -> None:
        found = topics.find(token.node.works)
        if found is None:
            self.failed[token.id] = ""
            return
        lines, messages = len(self.lines), len(self.messages)
        self.instance = token.instance
        try:
            with self.step.session.begin_nested() if found.writes else nullcontext():
                given = found.run(Work(self, token)) or {}
        except Exception as error:
            del self.lines[lines:], self.messages[messages:]
            self.failed[token.id] = f"{type(error).__name__}: {error}"
            return
        finally:
            self.instance = None
        with told():
            self.live.complete(token.id, dict(given))

    # -- the store's side

    def settle(self) -> list[dict[str, Any]]:
        """Write everything that the step changed; gives the rows of the tasks that opened.

        Deadlines are written before the case's row, which reads from them the first limit of its open steps.
        """
        self.work()
        after, standing = self.live.waiting(), self.live.places()
        gone = [token for key, token in self.before.items() if key not in after]
        come = [token for key, token in after.items() if key not in self.before]
        self._follow(gone, come)
        opened = [self._task(token) for token in come if token.kind == "user"]
        pauses = pausing.begin(self, self.stood, standing)
        with told():
            running = [self._deadline(token, pauses) for token in come if token.kind == "timer" and self._counts(token)]
            pausing.settle(pauses, [token.id for token in gone])
        deadlines.show_on_tasks(opened, running)
        deadlines.show_master(self, running)
        closing.end_master(self, gone)
        self._suspend(after)
        self._close_tasks(gone)
        if opened:
            self.step.session.execute(NEW_TASKS, opened)
        closing.close(self, gone, after, standing)
        if running:
            self.step.session.execute(NEW_DEADLINES, running)
        self._write_case()
        self._incidents(gone)
        self._write_lines()
        self.before, self.stood = after, standing
        self.step.then.append((self.case["id"], self.case["revision"], self.live))
        return opened

    def _follow(self, gone: list[Token], come: list[Token]) -> None:
        """Stage, outcome and trail, read from the nodes that the step passed and those it stands at."""
        nodes = [passed.node for passed in self.live.passed()]
        self.passed = [trail(node) for node in nodes]
        stood = Counter(trail(token.node) for token in gone if stands(token))
        for node in nodes:
            if stood[trail(node)]:  # left now: it was reached in an earlier step
                stood[trail(node)] -= 1
            else:
                self._reach(node)
        for token in come:
            if stands(token):
                self._reach(token.node)
        for node, rules in self.live.decided():
            self.record("decided", node.name, by=SYSTEM_ACTOR, node_id=node.id, details=explained(rules))
        if self.passed and not self.lines:  # the trail needs a line to stand on
            self.record("topic", nodes[0].name, node_id=nodes[0].id)
        if self.live.ended:
            late = bool(self.case.get("late")) or closing.master_is_late(self.case, self.step.now)
            self.change(status="closed", closed_at=self.step.now, closed_on=day_of(self.step.now), late=late)
            self.record("closed", f"办结：{self.case.get('outcome') or '结束'}", by=SYSTEM_ACTOR)

    def _reach(self, node: Node) -> None:
        if stage := node.properties.get("stage"):
            self.change(stage=stage)
            self.stages.append(stage)
        if node.kind == "end" and (outcome := node.properties.get("outcome")):
            self.change(outcome=outcome)

    def _task(self, token: Token) -> dict[str, Any]:
        node, case = token.node, self.case
        unit_id = None if node.place == "case" else self.unit(node.place, token)
        unit = self.step.runtime.units.find(unit_id)
        if node.place in token.places:
            self._let_see(token, unit)
        return {
            "id": token.id,
            "case_id": case["id"],
            "node_id": node.id,
            "process_id": node.process_id,
            "name": token.name,
            "form_id": node.form,
            "instance": token.instance,
            "role": node.role,
            "place": node.place,
            "unit_id": unit_id,
            "unit_path": unit.path if unit else case["unit_path"],
            "assignee": self._assignee(token),
            "status": "open",
            "procedure": case["procedure"],
            "created_at": self.step.now,
            "created_on": day_of(self.step.now),
            **NO_DATES,
            "case_number": case["number"],
            "applicant_name": case["applicant_name"],
            "applicant_id_no": case["applicant_id_no"],
        }

    def _let_see(self, token: Token, unit: Unit | None) -> None:
        """The unit of an instance takes part in the case from its first task on."""
        if unit is None:
            said = f"「{token.name}」由「{token.node.place}」办理，但没有填明是哪个单位，或者这个单位不存在"
            raise StepFailed(f"{said}，请补填后重新提交")
        filing.write_units(self.step, self.case["id"], {token.node.place: unit.id})

    def _assignee(self, token: Token) -> str | None:
        if not token.node.assignee:
            return None
        with told():
            account = token.assignee()
        return str(account) if account not in (None, "") or not token.node.role else None  # nobody named: the post's

    def _counts(self, token: Token) -> bool:
        """Whether the timer's `when` holds as it begins to wait; if not, it never fires."""
        with told():
            return token.allows()

    def _deadline(self, token: Token, pauses: pausing.Standing) -> dict[str, Any]:
        return deadlines.row(self, token, pauses.lines_for(token.id, token.node.properties.get("limit")))

    def _suspend(self, after: Mapping[str, Token]) -> None:
        holds = [key for key, token in after.items() if token.node.properties.get("suspends") == "true"]
        suspended_by = holds[0] if holds else None
        if suspended_by != self.case.get("suspended_by"):
            self.change(suspended_by=suspended_by)

    def _write_case(self) -> None:
        case, chain = self.case, Chain(self.case["history_count"], self.case["history_head"])
        if self.lines:
            self.lines[0]["details"].update(passed=self.passed, **({"stages": self.stages} if self.stages else {}))
        for row in self.lines:
            chain.add(row)["case_id"] = case["id"]
        revision = case["revision"]
        self.change(
            revision=revision + 1,
            state=self.live.dump(),
            history_count=chain.count,
            history_head=chain.head,
        )
        which = {"which_case": case["id"], "which_revision": revision}
        done = cast("CursorResult[Any]", self.step.session.execute(WRITE_CASE, {**self.changes, **which}))
        if done.rowcount != 1:
            raise StepConflict

    def _close_tasks(self, gone: list[Token]) -> None:
        now, today = self.step.now, day_of(self.step.now)
        people = [token.id for token in gone if token.kind == "user"]
        if self.completed in people:
            done = {"which_task": self.completed, "closed_at": now, "closed_by": self.step.actor.account_id}
            late = self.task.get("due_at") is not None and self.task["due_at"] < now
            spent = {"closed_on": today, "workdays": self._workdays(today), "late": late}
            self.step.session.execute(CLOSE_TASK, {**done, **spent, "status": "done"})
            people.remove(self.completed)
        if people:
            t = tables.task
            late_by_now = sql_case((t.c.due_at < now, True), else_=False)
            cancelled = {"status": "cancelled", "closed_at": now, "closed_on": today, "late": late_by_now}
            self.step.session.execute(update(t).where(t.c.id.in_(people)).values(cancelled))

    def _workdays(self, today: date) -> int | None:
        since = self.task.get("created_on")
        if since is None:
            return None
        region = deadlines.region(self.step.runtime, self.case["unit_id"])
        return self.step.runtime.calendar(region).workdays_between(since, today)

    def _incidents(self, gone: list[Token]) -> None:
        i, now = tables.incident, self.step.now
        solved = [token.id for token in gone if token.kind == "work"]
        if solved:
            self.step.session.execute(
                update(i).where(i.c.token_id.in_(solved)).values(status="resolved", retry_at=None)
            )
        waiting = self.live.waiting() if self.failed else {}
        for token_id, message in self.failed.items():
            if token_id in waiting:
                self._incident(waiting[token_id], message, now)

    def _incident(self, token: Token, message: str, now: datetime) -> None:
        i = tables.incident
        known = self.step.session.execute(select(i.c.id, i.c.attempts).where(i.c.token_id == token.id)).one_or_none()
        attempts = (known.attempts if known else 0) + (1 if message else 0)
        state = "waiting" if not message else "failed" if attempts > len(BACKOFF) else "retrying"
        retry_at = now + BACKOFF[attempts - 1] if state == "retrying" else None
        columns = {"status": state, "attempts": attempts, "message": message or None, "retry_at": retry_at}
        if known:
            self.step.session.execute(update(i).where(i.c.id == known.id).values(columns))
            return
        self.step.session.execute(
            insert(i).values(
                case_id=self.case["id"],
                token_id=token.id,
                node_id=token.node.id,
                name=token.node.name,
                topic=token.node.works,
                created_at=now,
                **columns,
            )
        )

    def _write_lines(self) -> None:
        if self.lines:
            self.step.session.execute(NEW_LINES, self.lines)
        if self.messages:
            self.step.session.execute(NEW_MESSAGES, self.messages)


def places_at(case: Mapping[str, Any], token: Token | None) -> Mapping[str, str]:
    """The places of a case (its row) as a token sees them: its instance's own before the case's."""
    own = token.places if token else {}
    return {**case["places"], **{place: unit_id or "" for place, unit_id in own.items()}}


def trail(node: Node) -> str:
    """A node as the history names it."""
    return f"{node.process_id}:{node.id}"


def stands(token: Token) -> bool:
    """Whether the case has got to the token's node, and doesn't only wait for it beside a task or behind a gateway."""
    return token.node.kind != "boundary" and ":" not in token.id


@dataclass(frozen=True)
class Work:
    """What a topic sees: its node with the parameters, the facts, and the case it works for."""

    move: Move
    token: Token

    @property
    def node(self) -> Node:
        return self.token.node

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.token.facts

    def unit(self, place: str) -> str | None:
        """The unit that a place means where the topic works."""
        return self.move.unit(place, self.token)

    def tell(self, key: str, kind: str, title: str, text: str, *, role: str = "", place: str = "") -> None:
        """Tell a role at a place, as the place is where the topic works, or the applicant's side without one."""
        unit_id = self.unit(place) if place else None
        self.move.tell(f"{self.token.id}{key}", kind, title, text, role=role, unit_id=unit_id or "")

    def file(self) -> dict[str, dict[str, Any]]:
        """The case file as the topic sees it."""
        return self.move.file(self.token.instance)

    def parameter(self, name: str, default: str = "") -> str:
        """A `camunda:property` of the node."""
        return self.node.properties.get(name, default)


def explained(rules: Sequence[Matched]) -> dict[str, Any]:
    """Why a decision table gave what it gave, in a sentence a person can read, and as data."""
    text = "；".join(
        f"{rule.decision}第{rule.rule}条" * bool(rule.rule)
        + (f"（{rule.annotation}）" if rule.annotation else "")
        + "："
        + "，".join(f"{name}={value}" for name, value in rule.outputs.items())
        for rule in rules
    )
    seen = [{"decision": r.decision, "rule": r.rule, "inputs": r.inputs, "outputs": r.outputs} for r in rules]
    return {"text": text, "rules": seen}


@contextmanager
def told() -> Iterator[None]:
    """Turns what the engine refuses into a sentence for the user; the step is rolled back by the caller."""
    try:
        yield
    except (DiagramError, FormsError, ClockError) as error:
        raise StepFailed(str(error)) from error
