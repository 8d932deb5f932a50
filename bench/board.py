"""The board over 100,000 and 1,000,000 open deadlines on PostgreSQL: how long its pages take."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from bench.counting import Counter, Sample
from bench.steps import Browser
from engine.cases import Runtime
from engine.clock.days import day_of
from webapp.app import utcnow

SIZES = (100_000, 1_000_000)  # open deadlines: two of each case, one of its task and one of the whole
REQUESTS = 40
STATE = 1300  # bytes of a live case, as the demo's on average
WATCHER = "cz_city"  # sees the whole prefecture
PAGES = {
    "board.first_paint": "/desk/board/",
    "board.one_county": "/desk/board/?unit=guichi",
    "board.diagram": "/desk/board/diagram?procedure=full_online",
    "board.list": "/desk/board/cases?light=red",
    "board.list_of_all": "/desk/board/cases",
    "board.tasks": "/desk/board/tasks?procedure=full_online&light=yellow",
}
# Copies that differ in what the board reads: unit, days, lights. The days are spread over two months by multiplying
# with primes, so that every run is the same.
CASES = """
insert into "case" (id, number, follow_code, procedure, deployment_id, revision, state, status, stage, item,
  applicant_name, applicant_id_no, places, unit_id, unit_path, channel, started_at, started_by, started_on,
  history_count, history_head, due_at, yellow_at, red_at, provisional, step_due_at, step_yellow_at, step_red_at,
  step_provisional, paused_by, paused_until)
select n, 'B' || n, 'x', case when n % 5 = 0 then 'line10' else 'full_online' end, :deployment, 1, :state, 'open',
  '审查', '低保', '刘桂英', '11010519491231002X', '{}', u.id, u.path, '窗口', :now - age, 'bench',
  :today - (n * 7919 % 60)::int, 0, '', due, due - interval '9 days', due, n % 20 = 0, step_due,
  step_due - interval '1 day', step_due, false,
  case when n % 33 = 0 then '补正' end, case when n % 33 = 0 then :now + interval '5 days' end
from generate_series(cast(:first as bigint), cast(:last as bigint)) n
cross join lateral (select make_interval(days => (n * 7919 % 60)::int) age) a
cross join lateral (select :midnight - age + make_interval(days => 52 + (n * 15485863 % 7)::int) due,
  :midnight + make_interval(days => (n * 104729 % 9)::int - 2) step_due) d
join (select id, path, row_number() over (order by id) - 1 k, count(*) over () of_all from unit
  where kind = 'township' and path like '/chizhou/%') u on u.k = n % of_all
"""
TASKS = """
insert into task (id, case_id, node_id, process_id, name, form_id, role, place, unit_id, status, created_at, due_at,
  yellow_at, red_at, provisional, case_number, applicant_name, applicant_id_no, procedure, unit_path, created_on)
select 't' || c.id, c.id, s.node_id, s.process_id, s.name, 'x', 'window_clerk', 'township', c.unit_id, 'open',
  c.started_at, c.step_due_at, c.step_yellow_at, c.step_red_at, false, c.number, c.applicant_name, c.applicant_id_no,
  c.procedure, c.unit_path, c.started_on
from "case" c join unnest(:processes ::text[], :nodes ::text[], :names ::text[]) with ordinality
  s(process_id, node_id, name, k) on s.k = c.id * 31 % :steps + 1
where c.id between :first and :last
"""
DEADLINES = """
insert into deadline (id, case_id, node_id, process_id, name, task_id, limit_text, master, interrupting, started_at,
  ledger, unit_id, unit_path, procedure, calendar_version, due_at, yellow_at, red_at, provisional, status, rung)
select 'd' || c.id || m, c.id, 'n', c.procedure, '时限', case when m then null else 't' || c.id end, '5个工作日', m,
  false, c.started_at, '{}', c.unit_id, c.unit_path, c.procedure, 'bench',
  case when m then c.due_at else c.step_due_at end,
  case when m then c.yellow_at else c.step_yellow_at end, case when m then c.red_at else c.step_red_at end, false,
  'running', 0
from "case" c cross join (values (true), (false)) v(m) where c.id between :first and :last
"""


CLEARED = "select bool_and(relallvisible >= 0.95 * relpages) from pg_class where relname in ('case', 'task')"


def benchmark(runtime: Runtime, database: str) -> Iterator[dict[str, Any]]:
    """Rows `board.first_paint` … with `n` open deadlines: medians, the slowest of twenty as `p95_ms`, statements."""
    if runtime.store.dialect != "postgresql":
        return
    browser, counter, cases = Browser(runtime), Counter(runtime), 0
    browser.sign_in(WATCHER, "jiuzhu-2026")
    for size in SIZES:
        fill(runtime, cases + 1, size // 2)
        cases = size // 2
        for name, address in PAGES.items():
            sample = Sample()
            browser.request("GET", address)
            for _ in range(REQUESTS):
                with sample.measured(counter):
                    status, _, page = browser.request("GET", address)
                assert status.startswith("200"), (status, page)
            yield {**sample.row(name, size, database), "p95_ms": round(p95(sample.wall_ms), 1)}


def p95(taken: list[float]) -> float:
    """The value that at most one in twenty exceeds."""
    return sorted(taken)[-(-len(taken) * 95 // 100) - 1]


def fill(runtime: Runtime, first: int, last: int) -> None:
    """Cases `first` to `last`, each with a task and two deadlines; then what the server does by itself at night."""
    now = utcnow()
    with runtime.store.transaction() as session:
        deployment_id, deployment = runtime.current(session)
        steps = [
            (process_id, node.id, node.name)
            for process_id in sorted(deployment.closure("full_online"))
            for node in deployment.processes[process_id].every_node()
            if node.kind == "user"
        ]
        processes, nodes, names = (list(each) for each in zip(*steps, strict=True))
        span = {"first": first, "last": last}
        day = {"now": now, "today": day_of(now), "midnight": now.replace(hour=15, minute=59, second=59, microsecond=0)}
        session.execute(text(CASES), {**span, **day, "deployment": deployment_id, "state": secrets.token_bytes(STATE)})
        where = {"processes": processes, "nodes": nodes, "names": names, "steps": len(steps)}
        session.execute(text(TASKS), {**span, **where})
        session.execute(text(DEADLINES), span)
    with runtime.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(20):  # a reader of the moment, such as the server's own analysis, keeps pages from being cleared
            connection.exec_driver_sql("vacuum analyze")
            if connection.exec_driver_sql(CLEARED).scalar_one():
                return
            time.sleep(1)
    raise AssertionError("the server's vacuum doesn't clear the pages")
