"""动态监测: each month the registers are compared, and what doesn't go together becomes a warning (S2-17)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from engine.clock.days import day_of, start_of
from engine.registers import monitor, months
from engine.registers.monitor import Criteria, Finding
from engine.store import tables
from engine.topics import lookup
from engine.topics.registers import policy
from engine.topics.registry import topic

if TYPE_CHECKING:
    from datetime import datetime

    from engine.cases.move import Work
    from engine.people.units import Unit

SEPARATOR = "、"


class MonitoringBroken(Exception):
    """The diagram or its decision table lacks what is needed here; `str()` says what."""


@topic("monitor.compare", provides=("预警清单", "预警件数", "比对户数"), parameters=("unit", "procedure", "quiet"))
def compare(work: Work) -> dict[str, Any]:
    """Compare the registers for the benefits of a unit: one warning a benefit, with all that was found of it.

    What is looked at says the decision table (监测指标, 申报逾期月数, 变动幅度, 误报静默月数). A person of whom a case
    of `procedure` is open, or ended as `quiet` some months ago, isn't warned of again.
    """
    move, session, unit = work.move, work.move.step.session, _unit(work)
    wanted = [each for each in str(lookup.raw(work, "监测指标") or "").split(SEPARATOR) if each]
    if unknown := [each for each in wanted if each not in monitor.INDICATORS]:
        known = SEPARATOR.join(monitor.INDICATORS)
        raise MonitoringBroken(f"决策表里的监测指标“{SEPARATOR.join(unknown)}”没有，可以写：{known}")
    criteria = Criteria(
        unit.path,
        _months_ago(work, _number(work, "申报逾期月数")),
        _months_ago(work, 1),
        _number(work, "变动幅度"),
        policy(work),
    )
    benefits, warned = monitor.in_receipt(session, unit.path), _known(work, unit)
    found: dict[int, list[Finding]] = defaultdict(list)
    for each in monitor.compare(session, wanted, criteria):
        found[each.benefit_id].append(each)
    warnings = [
        _warning(benefits[number], found[number])
        for number in sorted(found)
        if number in benefits and (benefits[number]["id_no"] or "") not in warned
    ]
    said = f"在享{len(benefits)}户，比对{SEPARATOR.join(wanted)}，发出预警{len(warnings)}件"
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": said})
    return {"预警清单": warnings, "预警件数": len(warnings), "比对户数": len(benefits)}


def _warning(benefit: Any, found: list[Finding]) -> dict[str, Any]:
    died = next((each.died for each in found if each.died), None)
    return {
        "applicantName": benefit["name"],
        "idNo": benefit["id_no"],
        "待遇编号": benefit["number"],
        "预警指标": SEPARATOR.join(dict.fromkeys(each.indicator for each in found)),
        "预警情况": "；".join(each.text for each in found) + "。",
        **({"死亡日期": died} if died else {}),
    }


def _known(work: Work, unit: Unit) -> set[str]:
    """Identity numbers of those who have been warned of already: under way, or a false alarm not long ago."""
    c, quiet = tables.case.c, work.parameter("quiet")
    lately = (c.outcome == quiet) & (c.closed_at >= _months_ago(work, _number(work, "误报静默月数")))
    mine = (c.procedure == work.parameter("procedure"), c.unit_path.startswith(unit.path, autoescape=True))
    query = select(c.applicant_id_no).where(*mine, c.applicant_id_no.is_not(None), or_(c.status == "open", lately))
    return set(work.move.step.session.execute(query).scalars())


def _months_ago(work: Work, count: int) -> datetime:
    today = day_of(work.move.step.now)
    month = months.after(months.month_of(today), -count)
    return start_of(today.replace(year=int(month[:4]), month=int(month[5:]), day=min(today.day, 28)))


def _number(work: Work, name: str) -> int:
    value = lookup.raw(work, name)
    if value is None:
        raise MonitoringBroken(f"决策表没有给出「{name}」，请核对动态监测指标")
    return int(value)


def _unit(work: Work) -> Unit:
    unit = work.move.step.runtime.units.find(work.unit(work.parameter("unit", "hukou_township")))
    if unit is None:
        raise MonitoringBroken("没有写明比对哪个乡镇（街道）的台账，请核对流程图的属性 unit")
    return unit
