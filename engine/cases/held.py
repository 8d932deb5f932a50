"""Cases about a benefit in force: found by the number that a start form says, with its holder and township.

A process says so with the property `benefit`, the key of the field of its start form that holds the number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn.diagram import Process
from engine.cases import filing
from engine.cases.errors import FormRejected
from engine.registers import benefits
from engine.registers.benefits import Benefit
from engine.store import registers
from forms.submission import Reading

if TYPE_CHECKING:
    from engine.cases.move import Move
    from engine.cases.runtime import Step

BENEFIT = "benefit"


def find(this: Step, process: Process, reading: Reading) -> Benefit | None:
    """The benefit that a start form is about; None for a process that isn't about one.

    `FormRejected` at the field when the actor sees no such benefit, and when it has ended.
    """
    key = process.properties.get(BENEFIT)
    if key is None:
        return None
    found = benefits.named(this.session, str(reading.values.get(key) or ""))
    if found is None or not sees(this, found):
        raise _rejected(reading, key, "救助台账里没有这个编号的待遇，或者不在您的查看范围内，请核对编号")
    if found.status == "终止":
        ended = f"{found.holder}的{found.category}发放到{found.end_month}已经终止，不能再变更；需要恢复的请重新申请"
        raise _rejected(reading, key, ended)
    return found


def sees(this: Step, benefit: Benefit) -> bool:
    """Whether the benefit is one of the actor's units."""
    reach = this.runtime.scope.reach(this.actor)
    below = any(benefit.unit_path.startswith(path) for path in reach.paths)
    return below or bool({benefit.unit_id, benefit.village_id} & set(reach.units))


def person(this: Step, benefit: Benefit) -> dict[str, Any]:
    """Columns of a case's row that say whom it is for: the benefit's holder, and which item."""
    p = registers.person
    phone = this.session.execute(select(p.c.phone).where(p.c.id == benefit.person_id)).scalar_one_or_none()
    return {
        "applicant_name": benefit.holder,
        "applicant_id_no": benefit.holder_id_no or None,
        "applicant_phone": phone,
        "item": benefit.item,
    }


def places(benefit: Benefit) -> dict[str, str]:
    """The places of a case about it: the township that confirmed it, and the village."""
    village = {"hukou_village": benefit.village_id} if benefit.village_id else {}
    return {"hukou_township": benefit.unit_id, **village}


def concern(move: Move, benefit: Benefit) -> None:
    """Make the case one of this benefit: its holder, its item, its township, whoever began it."""
    filing.learn_person(move, person(move.step, benefit))
    bound = {name: unit_id for name, unit_id in places(benefit).items() if move.case["places"].get(name) != unit_id}
    if bound:
        move.change(places={**move.case["places"], **bound})
        move.change(**filing.deciding_unit(move.case["places"], move.step.runtime.units))
        filing.write_units(move.step, move.case["id"], bound)


def _rejected(reading: Reading, key: str, message: str) -> FormRejected:
    return FormRejected(replace(reading, errors={**reading.errors, key: message}))
