"""The jobs and how often they run; hides APScheduler."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from engine.cases import Runtime, handover, outage_dates, rederive, relay, schedules, sweep
from engine.delivery import heartbeat, queue, routing
from engine.delivery.errors import SettingsInvalid
from engine.delivery.outlets import Outlets, open_outlets
from engine.province import queue as province
from engine.province.link import Link, open_link

EVERY_SECONDS = 2
WATCH_MINUTES = 10
BEAT_SECONDS = 60
BEGIN_SECONDS = 30
RECOUNT_SECONDS = 60
log = logging.getLogger("jiuzhu.scheduler")


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def make(
    runtime: Runtime,
    *,
    background: bool = False,
    now: Callable[[], datetime] = utc_now,
    every_seconds: float = EVERY_SECONDS,
) -> BaseScheduler:
    """A scheduler with all jobs, not yet started. A job that is late runs once, and never beside itself."""
    scheduler: BaseScheduler = BackgroundScheduler() if background else BlockingScheduler()
    options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler.add_job(lambda: wake(runtime, now()), "interval", seconds=every_seconds, id="wake", **options)
    scheduler.add_job(lambda: act(runtime, now()), "interval", seconds=every_seconds, id="act", **options)
    scheduler.add_job(lambda: begin(runtime, now()), "interval", seconds=BEGIN_SECONDS, id="begin", **options)
    scheduler.add_job(lambda: watch(runtime, now()), "interval", minutes=WATCH_MINUTES, id="watch", **options)
    scheduler.add_job(lambda: recount(runtime, now), "interval", seconds=every_seconds, id="recount", **options)
    late = {"seconds": RECOUNT_SECONDS, **options}
    scheduler.add_job(lambda: recount(runtime, now, thoroughly=True), "interval", id="recount late", **late)
    beat = {"seconds": BEAT_SECONDS, "next_run_time": utc_now(), **options}  # once at the start
    scheduler.add_job(lambda: heartbeat.beat(runtime, now()), "interval", id="beat", **beat)
    if outlets := find_outlets(runtime):
        add_deliveries(scheduler, runtime, outlets, now, {"seconds": every_seconds, **options})
    if link := find_link(runtime):
        scheduler.add_executor(ThreadPoolExecutor(1), "province")
        talk = partial(report, scheduler, runtime, link, now)
        scheduler.add_job(talk, "interval", seconds=every_seconds, id="province", executor="province", **options)
    return scheduler


def find_outlets(runtime: Runtime) -> Outlets | None:
    """The channels; None, said in the log and on the operator's page, when the settings are wrong: deadlines go on."""
    try:
        return open_outlets(runtime.root)
    except (SettingsInvalid, OSError) as problem:
        log.error("no message leaves the house: %s", problem)
        return None


def find_link(runtime: Runtime) -> Link | None:
    """The province; None when nothing says where it is, or wrongly (said in the log): then what is reported waits."""
    try:
        return open_link(runtime.root)
    except (SettingsInvalid, OSError) as problem:
        log.error("nothing is reported to the province: %s", problem)
        return None


def report(scheduler: BaseScheduler, runtime: Runtime, link: Link, now: Callable[[], datetime]) -> None:
    """Send what waits for the province, then ask for answers that are late."""
    taken = province.deliver(runtime, link, now, going=lambda: bool(scheduler.running))
    heard = province.inquire(runtime, link, now)
    if taken or heard:
        log.info("province: %s messages taken, %s answers asked for", taken, heard)


def add_deliveries(
    scheduler: BaseScheduler,
    runtime: Runtime,
    outlets: Outlets,
    now: Callable[[], datetime],
    options: dict[str, object],
) -> None:
    """One job to fill the queue and one a channel to empty it, on threads of their own: slow gateways delay nobody."""
    scheduler.add_executor(ThreadPoolExecutor(1 + len(outlets.outlets)), "deliveries")
    jobs: dict[str, Callable[[], object]] = {"route": lambda: routing.route(runtime, outlets, now())}
    for channel in outlets.outlets:
        jobs[f"deliver:{channel}"] = partial(deliver, scheduler, runtime, outlets, channel, now)
    for name, job in jobs.items():
        scheduler.add_job(job, "interval", id=name, executor="deliveries", **options)


def deliver(
    scheduler: BaseScheduler, runtime: Runtime, outlets: Outlets, channel: str, now: Callable[[], datetime]
) -> None:
    """Send what is due on a channel; after the word to stop, no further letter is begun."""
    done = queue.deliver(runtime, outlets, channel, now, going=lambda: bool(scheduler.running))
    if done != queue.Tally():
        log.info("%s: sent %s, put off %s, failed %s", channel, done.sent, done.put_off, done.failed)


def knows_outages(runtime: Runtime, now: datetime) -> bool:
    """Whether the limits have followed every outage, the one that ends now included; nobody is told that something is
    due before (E-28)."""
    if heartbeat.has_stood(runtime, now):
        heartbeat.beat(runtime, now)
    return outage_dates.carry_out(runtime, lambda: now)


def wake(runtime: Runtime, now: datetime) -> sweep.Swept:
    """One sweep: due deadlines, then failed topics and orders between cases whose time has come."""
    if not knows_outages(runtime, now):
        return sweep.Swept()
    woken, retried = sweep.wake_due(runtime, now), sweep.retry_due(runtime, now)
    if done := relay.carry_out_due(runtime, now):
        log.info("carried out %s orders between cases", done)
    if woken.fired or retried.retried:
        log.info("fired %s deadlines, retried %s topics", woken.fired, retried.retried)
    return sweep.Swept(woken.fired, retried.retried, woken.failed + retried.failed)


def act(runtime: Runtime, now: datetime) -> sweep.Swept:
    """One round of the ladder; beside the waking, so that a morning's many reminders delay no timer."""
    if not knows_outages(runtime, now):
        return sweep.Swept()
    done = sweep.act_due(runtime, now)
    if done.acted:
        log.info("did %s acts of the ladder", done.acted)
    return done


def begin(runtime: Runtime, now: datetime) -> int:
    """Begin the procedures whose time has come (`每月1日 08:00`)."""
    if not knows_outages(runtime, now):
        return 0
    begun = schedules.begin_due(runtime, now)
    if begun:
        log.info("began %s cases by the clock", begun)
    return begun


def recount(runtime: Runtime, now: Callable[[], datetime], *, thoroughly: bool = False) -> rederive.Progress:
    """After a notice on days off, derive open deadlines again; goes on where a run was cut off."""
    if not rederive.is_needed(runtime, thoroughly=thoroughly):
        return rederive.Progress()
    done = rederive.run(runtime, now)
    log.info("derived %s deadlines again, %s moved", done.done, done.moved)
    return done


def watch(runtime: Runtime, now: datetime) -> list[str]:
    """Give back what was signed for by people who have left; say which open cases wait for nothing: a fault of a
    diagram or of the engine."""
    handover.return_lost(runtime, now)
    found = sweep.stuck(runtime)
    for number in found:
        log.error("case %s is open and waits for nothing", number)
    return found
