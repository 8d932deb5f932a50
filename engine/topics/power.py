"""权限移交: the list of open cases that move with the power to confirm, and their move (S2-41)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cases import devolution
from engine.clock.days import day_of
from engine.people.units import Unit
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

TO_TOWNSHIP, TO_COUNTY, NOTHING = "移交乡镇", "收回县级", "没有变化"


class HandoverBroken(Exception):
    """The diagram or the form lacks what a handover needs; `str()` says what."""


@topic(
    "power.changed", provides=("移交方向", "移交单位", "移交件数", "移交说明"), parameters=("item", "day"), writes=True
)
def changed(work: Work) -> dict[str, Any]:
    """Where the power to confirm an item passes to another on a day, and which open cases that concerns.

    `item`, `day`: the names that say them (移交事项, 生效日期). 移交方向 is 移交乡镇, 收回县级 or 没有变化.
    """
    this, bureau = work.move.step, _bureau(work)
    item, day = (
        str(lookup.raw(work, work.parameter("item", "移交事项")) or ""),
        lookup.day(lookup.raw(work, work.parameter("day", "生效日期"))),
    )
    if day is None or not item:
        raise HandoverBroken("没有写明移交哪个事项、从哪天起，请核对表单")
    moves = devolution.changed(this.runtime, bureau, item, day)
    if not moves or day > day_of(this.now):
        early = (
            "还没有到生效日期，到了那天再移交。"
            if moves
            else "审核确认权限表里，这一天这个事项的审核确认权限没有变化。"
        )
        return {"移交方向": NOTHING, "移交单位": [], "移交件数": 0, "移交说明": early}
    count = devolution.write_list(this, work.move.case["id"], item, moves)
    townships = [each.township.id for each in moves if devolution.lines(this, work.move.case["id"], each.township.id)]
    said = "；".join(f"{each.township.name}由{each.before}改为{each.after}" for each in moves)
    work.move.record("topic", "列出在办件", node_id=work.node.id, details={"text": f"{item}：{said}，在办{count}件"})
    back = moves[0].taker.id == bureau.id
    direction = TO_COUNTY if back else TO_TOWNSHIP
    return {"移交方向": direction, "移交单位": townships, "移交件数": count, "移交说明": f"{said}。在办{count}件。"}


@topic("power.list", provides=("接收单位", "移交单位名称", "移交清单", "本单位件数"), parameters=("unit",))
def listing(work: Work) -> dict[str, Any]:
    """The list of this instance's township: a line for each case, with what is open, its date and its file."""
    this = work.move.step
    unit = _township(work)
    rows = devolution.lines(this, work.move.case["id"], unit.id)
    said = [_line(number, row) for number, row in enumerate(rows, 1)]
    taker = rows[0]["to_unit"] if rows else unit.id
    return {"接收单位": taker, "移交单位名称": unit.name, "移交清单": "\n".join(said), "本单位件数": len(rows)}


@topic("power.handover", provides=("已移交件数",), parameters=("unit", "reached"), writes=True)
def handover(work: Work) -> dict[str, Any]:
    """Move the cases of this instance's township: those at their decision ask anew who decides, clocks run on.

    `reached`: the name that says what becomes of those that stand at their decision already; 原单位办完 keeps them.
    """
    this, unit = work.move.step, _township(work)
    stay = str(lookup.raw(work, work.parameter("reached", "已到决定环节")) or "") == "原单位办完"
    count = devolution.hand_over(this, work.move.case["id"], unit.id, reached_stay=stay)
    work.move.record("topic", f"移交{unit.name}的在办件", node_id=work.node.id, details={"text": f"{count}件"})
    return {"已移交件数": count}


def _bureau(work: Work) -> Unit:
    units = work.move.step.runtime.units
    unit = units.find(work.move.unit("county"))
    if unit is None:
        raise HandoverBroken("本件没有写明是哪个县（区、市）的移交，请核对开始表单")
    return unit


def _township(work: Work) -> Unit:
    unit = work.move.step.runtime.units.find(str(work.facts.get(work.parameter("unit", "移交单位号")) or ""))
    if unit is None:
        raise HandoverBroken("没有写明是哪个乡镇（街道）的清单，请核对属性 unit")
    return unit


def _line(number: int, row: Any) -> str:
    due = f"，{day_of(row['due_at'])}到期" if row["due_at"] else ""
    at = "（已到决定环节）" if row["reached"] else ""
    return f"{number}．{row['number']} {row['applicant_name'] or ''}：{row['step']}{at}{due}，案卷{row['files']}份"
