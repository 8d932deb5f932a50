"""Where a topic finds a value by name: the facts, then the newest form that says it, then the case itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.cases import authority
from engine.clock.days import day_of
from engine.people.units import organ_name

if TYPE_CHECKING:
    from engine.cases.move import Work

ITEMS = {
    "低保": "最低生活保障",
    "特困": "特困人员救助供养",
    "低保边缘": "低保边缘家庭认定",
    "刚性支出困难": "刚性支出困难家庭认定",
}


def value(work: Work, name: str) -> Any:
    """A fact, a field of the case file (newest form first) or one of the case's own values; None if nobody says."""
    own = _own(work)
    if name in own:
        return own[name]
    if work.facts.get(name) not in (None, ""):
        return work.facts[name]
    for form_id, values in reversed(work.file().items()):
        if values.get(name) not in (None, ""):
            return _label(work, form_id, name, values[name])
    if name in authority.NAMES:
        return authority.words(work.move.step.runtime, work.move.case, work.move.step.now).get(name)
    return None


def raw(work: Work, name: str) -> Any:
    """A fact, or what the newest form says, as it was given: codes stay codes; None if nobody says."""
    if work.facts.get(name) not in (None, ""):
        return work.facts[name]
    values = (form.get(name) for form in reversed(list(work.move.file().values())))
    return next((found for found in values if found not in (None, "")), None)


def said(work: Work, name: str) -> str | None:
    """What `value` finds, as text."""
    found = value(work, name)
    return str(found) if found not in (None, "") else None


def day(found: Any) -> date | None:
    """The Shanghai day of a moment, a day, or a text that begins with one; None for anything else."""
    if isinstance(found, datetime):
        return day_of(found)
    if isinstance(found, date):
        return found
    try:
        return date.fromisoformat(str(found)[:10]) if found else None
    except ValueError:
        return None


def _own(work: Work) -> Mapping[str, Any]:
    case, units = work.move.case, work.move.step.runtime.units
    unit = units.find(case["unit_id"])
    county = units.find(work.move.unit("county"))
    return {
        "number": case["number"],
        "follow_code": case["follow_code"],
        "applicantName": case["applicant_name"],
        "today": day_of(work.move.step.now),
        "unit": organ_name(unit) if unit else None,
        "county": county.name if county else None,
        "item": ITEMS.get(case["item"] or "", case["item"]),
        "contact_phone": unit.contact_phone if unit else None,
        "complaint_phone": (unit.complaint_phone or (county.complaint_phone if county else None)) if unit else None,
    }


def _label(work: Work, form_id: str, name: str, found: Any) -> Any:
    """The label of a coded value, as a reader knows it."""
    form = work.move.deployment.forms.get(form_id)
    part = form.fields.get(name) if form else None
    if part is None or not isinstance(found, str | list):
        return found
    known = part.options()
    if isinstance(found, list):
        return [known.get(each, each) if isinstance(each, str) else each for each in found]
    unit = work.move.step.runtime.units.find(found) if part.kind == "unit" else None
    return unit.name if unit else known.get(found, found)
