"""Plays an example with the real verbs on a set clock, in a real office, step by step."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from engine.cases import calendar_notices, outage_dates, outages, rederive, schedules, views
from engine.cases.entries import Entries, options
from engine.cases.errors import CaseError, FormRejected
from engine.cases.runtime import Runtime, Step
from engine.cases.scenario import money, province
from engine.cases.scenario.cast import Cast
from engine.cases.scenario.file import Scenario, ScenarioError, moment, read
from engine.cases.scenario.look import Look, differences
from engine.cases.scenario.report import Event, Report
from engine.cases.scenario.shift import Shift
from engine.cases.verbs import complete, send, start, step, wake
from engine.clock.days import day_of
from engine.people.actor import CLOCK, Actor
from engine.registers import months
from engine.store import tables
from forms.model import Form

BEFORE = "先办"  # as in `{先办:编号}`: the case of the example played before
OWN, TODAY = "本件", "当天"  # the one being played; the day of the step
A_WHILE = timedelta(hours=1)  # when a moved example has to wait, it goes on so much after what it waited for


def of_day(name: str, now: datetime) -> str:
    """What `{当天:次月}` stands for: the month after this one, in which what is granted begins."""
    if name != "次月":
        raise ScenarioError(f"不认识 {{{TODAY}:{name}}}，可以写 {{{TODAY}:次月}}")
    return months.after(f"{day_of(now):%Y-%m}", 1)


class NotYet(Exception):
    """A moved example would have to wait past the moment at which the world stands."""


@dataclass
class Run:
    """An example being played.

    `reload` forgets the live case before each of its own steps. The rest is for examples played for their cases:
    `shift` moves the dates (then nothing that it expects is compared), `overrides` are values of the start form,
    `names` puts other people in the place of the example's (text -> text), `until` is the last moment of the
    example to play, `stop` the moment (after moving) at which the world stands.
    """

    runtime: Runtime
    scenario: Scenario
    reload: bool = False
    shift: Shift | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None
    stop: datetime | None = None
    people: str = ""  # of which playing the people are: by default they are its own
    report: Report = field(init=False)
    other: Report | None = field(init=False, default=None)  # of the example whose case this one is about

    def __post_init__(self) -> None:
        self.report = Report(self.scenario)
        self._run_id, self._keys, self._seen_line = uuid.uuid4().hex, 0, 0
        people = "" if self.names else self.people or self._run_id
        self._cast = Cast(
            self.runtime, self.scenario, self.names, people=people, told={OWN: self._own, TODAY: self._today}
        )
        self._last: datetime | None = None
        self._borrowing = False
        self._case_id = 0  # the case that the step at hand is about
        begin = self.scenario.start["at"]
        self._borrowed_shift: Shift | None = None
        if self.scenario.moved_from:
            self._borrowed_shift = Shift(self.runtime.calendar(), self.scenario.moved_from, day_of(moment(begin)))

    def play(self) -> Report:
        """Play it to its end; the report says where it failed, if it did."""
        try:
            self._start()
            for number, this in enumerate(self.scenario.steps, 1):
                at = self._unmoved(number, this)
                now = self.shift(at) if self.shift else at
                if (self.until and at > self.until) or (self.stop and now > self.stop):
                    break
                self._borrowing = number <= self.scenario.borrowed
                self._step(self._where(number), this, max(now, self._last or now))
        except NotYet:
            pass
        except ScenarioError as error:
            self.report.failure = str(error)
        return self.report

    def _unmoved(self, number: int, this: Mapping[str, Any]) -> datetime:
        at = moment(this["at"])
        return self._borrowed_shift(at) if self._borrowed_shift and number <= self.scenario.borrowed else at

    def _where(self, number: int) -> str:
        borrowed = self.scenario.borrowed
        return (
            f"第 {number - borrowed} 步"
            if number > borrowed
            else f"照「{self.scenario.start['like']}」的第 {number} 步"
        )

    # -- the steps

    def _start(self) -> None:
        begin = self.scenario.start
        at = moment(begin["at"])
        now = self.shift(at) if self.shift else at
        if "before" in begin:
            self._play_other(begin["before"])
            self._cast.told[BEFORE] = self._earlier
        if "clock" in begin:
            self._begin_by_clock(str(begin["clock"]), now)
            return
        actor = self._cast.actor(begin.get("by", "public"), now)
        other = self._play_other(begin["about"]) if "about" in begin else ""
        with self._step_at(actor, now, "开始") as this:
            page = views.start_form(this, self.scenario.procedure)
            given = self._cast.values(begin, {**({page.procedure.about: other} if other else {}), **self.overrides})
            entries = self._cast.entries(page.form, given, page.options, now)
            done = start(this, self.scenario.procedure, entries, self._key(), begin.get("channel", "窗口"))
        self.report.case_id, self.report.number = done.case_id, done.number
        self._case_id = done.case_id
        self._cast.number = done.number
        self._log(now, "提交申请", actor.name)

    def _begin_by_clock(self, unit_id: str, now: datetime) -> None:
        """Begin the case that the clock begins at this moment for this unit, and for no other."""
        with self._step_at(CLOCK, now, "开始") as this:
            _, deployment = self.runtime.current(this.session)
            process = deployment.processes.get(self.scenario.procedure)
            node = next(iter(process.begin("timer")), None) if process else None
            if process is None or node is None:
                raise ScenarioError(f"{self.scenario.path.name}：「{self.scenario.procedure}」没有定时的开始事件")
            if unit_id not in schedules.units(this, process, node, day_of(now)):
                raise ScenarioError(f"{self.scenario.path.name}：schedules.toml 没有让「{unit_id}」开始这个流程")
            occasions = schedules.begins(this, process, node, unit_id, now)
            if not occasions:
                raise ScenarioError(f"{self.scenario.path.name}：「{unit_id}」这一天没有要由时钟开始的")
            due = occasions[0]
            this.session.execute(delete(tables.relay).where(tables.relay.c.key == due.key))  # of an earlier playing
            schedules.order(this, due)
        r = tables.relay
        with self.runtime.store.transaction(write=False) as session:
            begun = session.execute(select(r.c.to_id, r.c.error).where(r.c.key == due.key)).one()
        if begun.to_id is None:
            raise ScenarioError(f"{self.scenario.path.name}：没有开始：{begun.error}")
        self.report.case_id = self._case_id = begun.to_id
        self.report.number = self._cast.number = str(self._look(now).case()["number"])
        if "register" in self.scenario.start:
            rows = self._cast.values({"use": self.scenario.start["register"]})
            with self._step_at(CLOCK, now, "开始") as this:
                money.receive(this, self._case_id, self.runtime.units.get(unit_id), rows["在享"])
        self._log(now, f"⏱ {node.name}", CLOCK.name)

    def _play_other(self, about: Mapping[str, Any]) -> str:
        """Play the example whose case this one is about, or comes after, with the same people; gives its number."""
        path = self.scenario.path.parent / str(about["like"])
        until = moment(about["until"]) if "until" in about else None
        people = "" if self.names else self.people or self._run_id
        run = Run(
            self.runtime,
            read(path),
            reload=self.reload,
            shift=self.shift,
            names=self.names,
            until=until,
            stop=self.stop,
            people=people,
        )
        self.other = run.play()
        if self.other.failure:
            raise ScenarioError(f"{self.scenario.path.name} {about['like']}：{self.other.failure}")
        return self.other.number

    def _earlier(self, name: str) -> str:
        """What the example played before knows as `name`; its number for 编号."""
        if self.other is None:
            return ""
        if name == "编号":
            return self.other.number
        facts = Look(self.runtime, self.other.case_id, self._last or moment(self.scenario.start["at"])).facts()
        return str(facts.get(name) or "")

    def _declare(self, where: str, text: str, now: datetime) -> None:
        """A notice on days off is imported and confirmed, and the open deadlines follow it."""
        self._check_alone(where, "放假通知")
        with self._step_at(CLOCK, now, where) as this:
            for notice_id in calendar_notices.import_file(this, text.encode(), "放假通知.toml"):
                calendar_notices.confirm(this, notice_id)
        rederive.run(self.runtime, lambda: now)

    def _today(self, name: str) -> str:
        return of_day(name, self._last or moment(self.scenario.start["at"]))

    def _own(self, name: str) -> str:
        """What the case of the step knows as `name`."""
        return str(self._look(self._last or moment(self.scenario.start["at"])).facts().get(name) or "")

    def _check_alone(self, where: str, what: str) -> None:
        if not self.scenario.alone:
            raise self._wrong(where, f"{what}会移动别的例子的期限，请写 alone: true")

    def _step(self, where: str, this: Mapping[str, Any], now: datetime) -> None:
        if "outage" in this and not self.shift:
            self._stand(where, this["outage"], now)
        now = self._wake_until(where, this, now)
        self._last = now
        self._case_id, self._cast.number = self._case_of(where, this)
        for name, said in dict(this.get("register") or {}).items():
            with self._step_at(CLOCK, now, where) as step_now:
                money.change(step_now, self.report.case_id, self.names.get(name, name), said)
        if "holiday" in this:
            self._declare(where, this["holiday"], now)
        if "province" in this:
            self._hear(where, this["province"], now)
        if this.get("all"):
            while any(task["node_id"] == this["do"] for task in self._look(now).tasks()):
                self._act(where, this, now)
        elif "do" in this or "message" in this:
            self._act(where, this, now)
        if "expect" in this and not self.shift:
            for difference in differences(self._look(now), this["expect"]):
                raise self._wrong(where, difference)

    def _case_of(self, where: str, this: Mapping[str, Any]) -> tuple[int, str]:
        """Id and number of the example's own case, of the one played before it (`in: 先办`), or of the newest of the
        procedure in `in` that was begun from it.

        `in` may name an item too (`full_online 特困`).
        """
        if "in" not in this:
            return self.report.case_id, self.report.number
        if this["in"] == BEFORE and self.other is not None:
            return self.other.case_id, self.other.number
        c = tables.case
        procedure, _, item = str(this["in"]).partition(" ")
        mine = select(c.c.id, c.c.number).where(c.c.id.in_(self._family()), c.c.procedure == procedure)
        mine = mine.where(c.c.item == item) if item else mine
        with self.runtime.store.transaction(write=False) as session:
            found = session.execute(mine.order_by(c.c.id.desc()).limit(1)).one_or_none()
        if found is None:
            raise self._wrong(where, f"本件还没有发起「{this['in']}」")
        return int(found.id), str(found.number)

    def _family(self) -> list[int]:
        """Ids of the example's case and of all that were begun from it; of the one before, if a step goes on in it."""
        c = tables.case
        family = [self.report.case_id]
        if self.other is not None and any(step.get("in") == BEFORE for step in self.scenario.steps):
            family.append(self.other.case_id)
        with self.runtime.store.transaction(write=False) as session:
            while (
                new := session.execute(select(c.c.id).where(c.c.parent_id.in_(family), c.c.id.not_in(family)))
                .scalars()
                .all()
            ):
                family += new
        return family

    def _act(self, where: str, this: Mapping[str, Any], now: datetime) -> None:
        """Do a task or send a message; `refused`: exactly that must happen."""
        refused = this.get("refused")
        try:
            what, who = self._do(where, this, now) if "do" in this else self._message(where, this, now)
        except ScenarioError as error:
            if refused and str(refused) in str(error):
                return
            raise
        if refused:
            raise self._wrong(where, f"应当被拒绝（{refused}），却办成了")
        self._log(now, what, who)

    def _stand(self, where: str, said: Mapping[str, Any], now: datetime) -> None:
        """The system stands from a moment until now, and the clock notices before it wakes anything."""
        self._check_alone(where, "系统停机")
        self._wake_until(where, {}, moment(said["from"]))
        with self._step_at(CLOCK, now, where) as step_now:
            outages.notice(step_now, moment(said["from"]))
        outage_dates.carry_out(self.runtime, lambda: now)
        self._log(now, "系统停机后恢复", CLOCK.name)

    def _hear(self, where: str, said: Mapping[str, Any], now: datetime) -> None:
        """The province answers; the example says how the answer has to be taken."""
        if self.reload and not self._borrowing:
            self.runtime.live.clear()
        wanted, taken = province.answer(self.runtime, self._case_id, said, now)
        if taken != wanted:
            raise self._wrong(where, f"省系统的答复应当{wanted}，实际{taken}")
        self._log(now, f"省系统：{said['答复']}", "省系统")

    def _do(self, where: str, this: Mapping[str, Any], now: datetime) -> tuple[str, str]:
        task = self._open_task(where, this["do"], this.get("by"), now, str(this.get("of", "")))
        actor = self._cast.holder(task, this.get("by"), now)
        with self._step_at(actor, now, where) as step_now:
            form, offered = self._form(step_now, task)
            given = money.files(step_now, self._case_id, self._cast.values(this))
            entries = self._cast.entries(form, given, offered, now)
            complete(step_now, task["id"], entries, self._key())
        return task["name"], actor.name

    def _form(self, this: Step, task: Mapping[str, Any]) -> tuple[Form, Mapping[str, Any]]:
        """The form of a task and its choices: from the page that its holder opens, with all there is to read.

        Borrowed and reloaded steps don't open it again, and steps that only make a case needn't: it costs most.
        """
        if not (self._borrowing or self.reload or self.shift):
            page = views.task(this, task["id"])
            return page.form, page.options
        case = self._look(this.now).case()
        form = this.runtime.deployment(this.session, case["deployment_id"]).forms[task["form_id"]]
        return form, options(form, this.session, this.runtime, views.places_of_task(case, task), this.now)

    def _message(self, where: str, this: Mapping[str, Any], now: datetime) -> tuple[str, str]:
        actor, wanted = self._cast.actor(this.get("by", "public"), now), str(this["message"])
        with self._step_at(actor, now, where) as step_now:
            found = views.messages(step_now, self._look(now).case())
            page = next((each for each in found if wanted in _called(each)), None)
            if page is None:
                named = "、".join(each.name for each in found) or "没有"
                raise self._wrong(where, f"现在不能登记「{wanted}」，可以登记的：{named}")
            form = views.message_form(step_now, self._case_id, page.token_id)
            entries = Entries({})
            if page.form:
                entries = self._cast.entries(page.form, self._cast.values(this), form.options, now)
            send(step_now, self._case_id, page.token_id, entries, self._key())
        return page.name, actor.name

    # -- the clock

    def _wake_until(self, where: str, this: Mapping[str, Any], now: datetime) -> datetime:
        """Fire what is due by `now`, each at its own moment; a moved example waits for what its step needs."""
        while due := self._next_due():
            if due.due_at > now:
                if not self.shift or self._possible(this, now):
                    break
                now = due.due_at + A_WHILE
                if self.stop and now > self.stop:
                    raise NotYet
            with self._step_at(CLOCK, due.due_at, where, woken_at=now) as step_now:
                wake(step_now, due.id)
            self._log(due.due_at, f"⏱ {due.name}", CLOCK.name)
        return now

    def _possible(self, this: Mapping[str, Any], now: datetime) -> bool:
        if "do" not in this:
            return True
        try:
            case_id, _ = self._case_of("", this)
        except ScenarioError:
            return False
        return any(task["node_id"] == this["do"] for task in Look(self.runtime, case_id, now).tasks())

    def _next_due(self) -> Any:
        d = tables.deadline
        query = select(d.c.id, d.c.due_at, d.c.name).where(
            d.c.case_id.in_(self._family()), d.c.status == "running", d.c.due_at.is_not(None)
        )
        with self.runtime.store.transaction(write=False) as session:
            return session.execute(query.order_by(d.c.due_at).limit(1)).first()

    # -- small things

    def _open_task(self, where: str, node_id: str, by: str | None, now: datetime, of: str = "") -> Mapping[str, Any]:
        tasks = self._look(now).tasks()
        found = [task for task in tasks if task["node_id"] == node_id]
        if of:
            known = self._look(now).elements()
            found = [task for task in found if of in known.get(task["id"], "")]
        if not found:
            named = "、".join(sorted(f"{task['node_id']}（{task['name']}）" for task in tasks)) or "没有"
            raise self._wrong(where, f"「{node_id}」没有打开；现在打开的：{named}")
        return next((task for task in found if task["assignee"] == by), found[0])

    def _key(self) -> str:
        self._keys += 1
        return f"{self._run_id}:{self._keys}"

    def _look(self, now: datetime) -> Look:
        return Look(self.runtime, self._case_id, now)

    @contextmanager
    def _step_at(self, actor: Actor, now: datetime, where: str, *, woken_at: datetime | None = None) -> Iterator[Step]:
        """One verb; what it refuses becomes the scenario's failure, with the step's number."""
        if self.reload and not self._borrowing:
            self.runtime.live.clear()
        try:
            with step(self.runtime, actor, now, woken_at=woken_at) as this:
                yield this
        except FormRejected as error:
            said = "；".join(f"{name}：{message}" for name, message in error.reading.errors.items())
            raise self._wrong(where, f"表单没有通过：{said}") from error
        except CaseError as error:
            raise self._wrong(where, error.message) from error

    def _wrong(self, where: str, what: str) -> ScenarioError:
        return ScenarioError(f"{self.scenario.path.name} {where}：{what}")

    def _log(self, at: datetime, what: str, by: str) -> None:
        look = self._look(at)
        case = look.case()
        self.report.events.append(Event(at, what, by, look.open_tasks(), case["outcome"] or case["stage"]))
        h = tables.history
        query = select(h.c.id, h.c.details).where(h.c.case_id.in_(self._family()), h.c.id > self._seen_line)
        with self.runtime.store.transaction(write=False) as session:
            for row in session.execute(query.order_by(h.c.id)):
                self._seen_line = row.id
                self.report.passed.update(row.details.get("passed", ()))


def _called(page: Any) -> tuple[str, str, str]:
    """By what an example may name a message: its name, that without the instance's, the id of its node."""
    return page.name, page.name.rpartition("（")[0], page.token_id.partition(":")[2]
