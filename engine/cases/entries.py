"""What came with a request for a form, and what a form may offer to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.cases.facts import resolve
from engine.clock.days import day_of
from engine.people.posts import post_valid
from engine.store import tables
from forms.model import Component, Form
from forms.submission import Upload

if TYPE_CHECKING:
    from engine.cases.runtime import Runtime
    from engine.store.database import Session


@dataclass(frozen=True)
class Entries:
    """A form as a browser or a scenario sends it: texts and uploads by input name.

    `stored` are references of files that were accepted with an earlier try of the same form (sha256 -> reference).
    """

    fields: Mapping[str, Sequence[str]]
    uploads: Mapping[str, Sequence[Upload]] = field(default_factory=dict)
    stored: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def options(
    form: Form, session: Session, runtime: Runtime, places: Mapping[str, str], now: datetime
) -> dict[str, dict[str, str]]:
    """Choices for the fields that take units or accounts (value -> label, by the component's `valuesKey`)."""
    found: dict[str, dict[str, str]] = {}
    for part in form.fields.values():
        if part.kind == "unit":
            found[part.options_key] = _units(part, runtime, places, day_of(now))
        elif part.kind in ("account", "accounts"):
            found[part.options_key] = _accounts(part, session, runtime, places, day_of(now))
    return found


def _units(part: Component, runtime: Runtime, places: Mapping[str, str], today: date) -> dict[str, str]:
    """Units of the kind that the field asks for that exist today, all of them or those within a place of the case."""
    kind = part.properties.get("unitKind", "township")
    within = resolve(places, part.properties["within"], runtime.units) if "within" in part.properties else None
    named: dict[str, str] = {}
    for unit in runtime.units:
        if (
            unit.kind != kind
            or not unit.is_valid_on(today)
            or (within and not runtime.units.is_within(unit.id, within))
        ):
            continue
        above = runtime.units.find(unit.parent_id)
        named[unit.id] = f"{above.name} · {unit.name}" if above else unit.name
    return named


def _accounts(
    part: Component, session: Session, runtime: Runtime, places: Mapping[str, str], today: date
) -> dict[str, str]:
    """Who holds the role today at the place that the field names; with `below` at the units below it too."""
    unit = runtime.units.find(resolve(places, part.properties.get("place", ""), runtime.units))
    below = part.properties.get("below") == "true"
    a, p, u = tables.account, tables.post, tables.unit
    path = unit.path if unit else ""
    where = u.c.path.startswith(path, autoescape=True) if below and unit else u.c.path == path
    query = (
        select(a.c.id, a.c.name, u.c.name.label("unit"))
        .join(p, p.c.account_id == a.c.id)
        .join(u, u.c.id == p.c.unit_id)
        .where(p.c.role == part.properties.get("role", ""), where, a.c.active, post_valid(today))
        .order_by(a.c.id)
    )
    found = session.execute(query).all()
    return {row.id: f"{row.name}（{row.unit}）" if below else row.name for row in found}
