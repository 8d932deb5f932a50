"""What a submitted form leaves behind beside itself: files, the person on the case's row, the places it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.people import places as places_of_cases
from engine.people.units import Units
from engine.store import tables
from forms.model import Form
from forms.submission import Reading

if TYPE_CHECKING:
    from engine.cases.move import Move
    from engine.cases.runtime import Step

PERSON = {
    "applicantName": "applicant_name",
    "idNo": "applicant_id_no",
    "phone": "applicant_phone",
    "itemId": "item",
}


def person(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the case's row that a form speaks of, by the dictionary's field names (domain 5.3)."""
    return {column: values.get(key) for key, column in PERSON.items()}


def places(form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    """The places that a form binds: fields with property `place` that were filled."""
    binding = [part for part in form.fields.values() if _binds(part) and values.get(part.key)]
    return {part.properties["place"]: str(values[part.key]) for part in binding}


def _binds(part: Any) -> bool:
    return part.kind == "unit" and "place" in part.properties and not part.list


def deciding_unit(bound: Mapping[str, str], units: Units) -> dict[str, str | None]:
    """The unit that decides, for the case's row: the hukou township, else the receiving one (S0-14, S0-27)."""
    unit = units.find(places_of_cases.deciding(bound))
    return {"unit_id": unit.id if unit else None, "unit_path": unit.path if unit else None}


def write_units(this: Step, case_id: int, bound: Mapping[str, str]) -> None:
    """Which units take part in the case: the scope of everybody's sight."""
    rows = [
        {"case_id": case_id, "unit_id": unit_id, "place": place, "unit_path": this.runtime.units.get(unit_id).path}
        for place, unit_id in bound.items()
    ]
    if rows:
        this.session.execute(this.runtime.store.insert(tables.case_unit).on_conflict_do_nothing(), rows)


def learn_places(move: Move, form: Form, values: Mapping[str, Any], instance: Collection[str] = ()) -> None:
    """Bind the places that a later form names, but for those that are an instance's own; keep the person's columns
    right when the applicant changes (E-08)."""
    bound = {place: unit_id for place, unit_id in places(form, values).items() if place not in instance}
    if bound and any(move.case["places"].get(place) != unit_id for place, unit_id in bound.items()):
        move.change(places={**move.case["places"], **bound})
        move.change(**deciding_unit(move.case["places"], move.step.runtime.units))
        write_units(move.step, move.case["id"], bound)
    if {"applicantName", "idNo"} <= form.fields.keys() and values.get("applicantName"):
        learn_person(move, {PERSON[key]: values[key] for key in PERSON if values.get(key)})


def learn_person(move: Move, found: Mapping[str, Any]) -> None:
    """A changed applicant on the case's row, and on the open tasks that show the old one (E-08)."""
    if all(move.case[column] == value for column, value in found.items()):
        return
    move.change(**found)
    t = tables.task
    shown = {column: value for column, value in found.items() if column in t.c}
    change = update(t).where(t.c.case_id == move.case["id"], t.c.status == "open")
    move.step.session.execute(change.values(shown))


def keep_files(move: Move, form: Form, reading: Reading) -> None:
    """Store uploads and signatures by content, and list them as the case's attachments."""
    references = [
        {
            "case_id": move.case["id"],
            "sha256": reference["sha256"],
            "name": str(reference.get("name") or "签名.png"),
            "mime": str(reference.get("mime") or "image/png"),
            "size": int(reference.get("size") or len(reading.files.get(reference["sha256"], b""))),
            "form_id": form.id,
            "field": name,
            "by": move.step.actor.account_id,
            "at": move.step.now,
        }
        for name, reference in _references(reading.values)
    ]
    if not references:
        return
    store_contents(move.step, reading.files)
    known = {row["sha256"] for row in references} - reading.files.keys()
    if known:
        c = tables.content
        found = set(move.step.session.execute(select(c.c.sha256).where(c.c.sha256.in_(known))).scalars())
        references = [row for row in references if row["sha256"] not in known - found]
    move.step.session.execute(insert(tables.attachment), references)


def store_contents(this: Step, files: Mapping[str, bytes]) -> None:
    """Keep contents by their sha256; one that is there already is not written again."""
    if files:
        rows = [
            {"sha256": digest, "body": body} for digest, body in sorted(files.items())
        ]  # one order for all: no deadlock
        this.session.execute(this.runtime.store.insert(tables.content).on_conflict_do_nothing(), rows)


def _references(values: Any, name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(values, Mapping):
        if isinstance(values.get("sha256"), str):
            yield name, values
            return
        for key, value in values.items():
            yield from _references(value, name or key)
    elif isinstance(values, list):
        for value in values:
            yield from _references(value, name)
