"""高龄津贴 in the registers: who is alive, who has come of an age, what the monthly check found (E-09, E-34)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, select, update

from engine.cases.facts import resolve
from engine.clock.days import day_of
from engine.registers import months
from engine.registers.benefits import LIVE
from engine.store import registers
from engine.topics import lookup
from engine.topics.registers import RegisterRefused
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

ITEM = "高龄津贴"
STEPS = (90, 100)  # ages at which the level changes (domain 4.6)
STOPS = ("去世", "户籍迁出")  # what the village may find that ends it; who can't be reached is looked into first
B, P = registers.benefit, registers.person


@topic("allowance.alive", provides=("老人健在", "去世日期", "有应发月份"))
def alive(work: Work) -> dict[str, Any]:
    """Whether the case or the register knows of the old person's death, and whether a month before it is due.

    有应发月份: the month from which the province grants isn't after the month of death.
    """
    died = lookup.day(lookup.raw(work, "死亡日期")) or _died_on(work)
    start = lookup.raw(work, "省定起发月份")
    due = died is None or (months.is_month(start) and str(start) <= months.month_of(died))
    if died is not None:
        work.move.record("register", work.node.name, node_id=work.node.id, details={"text": f"已于{died}去世"})
    return {"老人健在": died is None, "去世日期": died, "有应发月份": due}


@topic("allowance.died", writes=True)
def died(work: Work) -> None:
    """Note the day of death (死亡日期) with the person in the register."""
    day = lookup.day(lookup.raw(work, "死亡日期"))
    if day is None:
        raise RegisterRefused("没有写明去世日期，请补上")
    columns = {"died_on": day, "updated_at": work.move.step.now}
    work.move.step.session.execute(update(P).where(P.c.id_no == work.move.case["applicant_id_no"]).values(columns))
    work.move.record("register", work.node.name, node_id=work.node.id, details={"text": f"{day}去世"})


@topic("allowance.list", provides=("核实人数", "核实村清单", "已知变更清单"))
def list_receiving(work: Work) -> dict[str, Any]:
    """Who receives in the county, by village, and what the register knows to change: an age reached, a death.

    Who is known to be dead isn't asked for again in the village.
    """
    month = months.month_of(day_of(work.move.step.now))
    rows = _receiving(work)
    living = [row for row in rows if row["died_on"] is None]
    villages: dict[str, dict[str, Any]] = {}
    for row in living:
        village = row["village_id"] or row["unit_id"]
        known = villages.setdefault(village, {"村编号": village, "乡镇编号": row["unit_id"], "名单": []})
        known["名单"].append(row["number"])
    changes = [
        _change(row, "停发", "去世", f"已于{row['died_on']}登记去世") for row in rows if row["died_on"] is not None
    ]
    changes += [
        _change(row, "调档", "到龄", f"本月满{age}周岁") for row in living if (age := _reached(row["birth"], month))
    ]
    text = f"{len(living)}人，{len(villages)}个村（社区）；到龄、已登记去世的{len(changes)}人"
    work.move.record("register", work.node.name, node_id=work.node.id, details={"text": text})
    return {"核实人数": len(living), "核实村清单": list(villages.values()), "已知变更清单": changes}


@topic(
    "allowance.village",
    provides=("村编号", "乡镇编号", "村名称", "本村人数", "本村名单", "本村编号"),
    parameters=("item",),
)
def village(work: Work) -> dict[str, Any]:
    """The list of one village, to be read by people; `item`: the element of 核实村清单."""
    item = work.facts.get(work.parameter("item")) or {}
    rows = [row for row in _receiving(work) if row["number"] in item.get("名单", ())]
    unit = work.move.step.runtime.units.find(item.get("村编号"))
    lines = [f"{row['number']}　{row['name']}　{_age_words(row['birth'], work)}" for row in rows]
    return {
        "村编号": item.get("村编号"),
        "乡镇编号": item.get("乡镇编号"),
        "村名称": unit.name if unit else "",
        "本村人数": len(rows),
        "本村名单": "\n".join(lines),
        "本村编号": [row["number"] for row in rows],
    }


@topic("allowance.found", provides=("变更清单",))
def found(work: Work) -> dict[str, Any]:
    """What the village has found, as changes to begin; who couldn't be reached is only told to the township."""
    said: Sequence[Mapping[str, Any]] = work.file().get("old_age_alive_check", {}).get("变化") or ()
    by_number = {row["number"]: row for row in _receiving(work)}
    changes, others = [], []
    for each in said:
        row = by_number.get(str(each.get("待遇编号") or ""))
        if row is not None and each.get("情形") in STOPS:
            change = _change(row, "停发", each["情形"], str(each.get("说明") or ""))
            changes.append({**change, "死亡日期": lookup.day(each.get("死亡日期"))})
        elif row is not None:
            others.append(f"{row['name']}（{row['number']}）：{each.get('情形')}，{each.get('说明')}")
    if others:
        text = f"本月核实有联系不上的老人，请上门查实，不能因此停发：{'；'.join(others)}"
        work.tell(":unreachable", "通知", "联系不上的老人", text, role="civil_affairs_clerk", place="checked_township")
    work.move.record(
        "register",
        work.node.name,
        node_id=work.node.id,
        details={"text": f"变更{len(changes)}人，联系不上{len(others)}人"},
    )
    return {"变更清单": changes}


def _receiving(work: Work) -> list[RowMapping]:
    """Benefits in force in the county that have begun, by village and name."""
    units = work.move.step.runtime.units
    county = units.find(resolve(work.move.case["places"], "county", units))
    if county is None:
        raise RegisterRefused("没有县级民政部门，不能列出老人；请检查流程图上的地点")
    columns = (B.c.number, B.c.unit_id, B.c.village_id, P.c.name, P.c.id_no, P.c.phone, P.c.birth, P.c.died_on)
    below = B.c.unit_path.startswith(county.path, autoescape=True)
    begun = B.c.start_month <= months.month_of(day_of(work.move.step.now))
    mine = (below, begun, B.c.item == ITEM, B.c.status.in_(LIVE))
    query = select(*columns).join(P, P.c.id == B.c.person_id).where(*mine)
    return list(work.move.step.session.execute(query.order_by(B.c.village_id, P.c.name, B.c.id)).mappings())


def _change(row: RowMapping, kind: str, what: str, why: str) -> dict[str, Any]:
    return {
        "applicantName": row["name"],
        "idNo": row["id_no"],
        "phone": row["phone"],
        "待遇编号": row["number"],
        "变更种类": kind,
        "变更情形": what,
        "变更说明": why,
        "死亡日期": row["died_on"],
        "乡镇编号": row["unit_id"],
        "村编号": row["village_id"] or row["unit_id"],
    }


def _reached(birth: date | None, month: str) -> int:
    """The age with a level of its own that is reached in the month; 0 for none."""
    if birth is None or f"{birth:%m}" != month[5:]:
        return 0
    age = int(month[:4]) - birth.year
    return age if age in STEPS else 0


def _age_words(birth: date | None, work: Work) -> str:
    if birth is None:
        return "出生日期不详"
    today = day_of(work.move.step.now)
    return f"{today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))}周岁"


def _died_on(work: Work) -> date | None:
    query = select(P.c.died_on).where(P.c.id_no == work.move.case["applicant_id_no"])
    day: date | None = work.move.step.session.execute(query).scalar_one_or_none()
    return day
