"""What the same step's form said before in a case: to be corrected rather than typed again, its files kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.store import tables
from forms.model import Form

if TYPE_CHECKING:
    from engine.cases.entries import Entries
    from engine.store.database import Session

DIGEST = re.compile(r"[0-9a-f]{64}")


def values(session: Session, form: Form, task: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest values of `form` at the node of `task` (case_id, node_id, instance); in one of several instances only
    what was said there. A file that must be a new one each time (property `earlier` false) is left out."""
    s = tables.submission
    query = (
        select(s.c["values"])
        .where(s.c.instance.is_not_distinct_from(task["instance"]))
        .where(s.c.case_id == task["case_id"], s.c.form_id == form.id, s.c.node_id == task["node_id"])
        .order_by(s.c.id.desc())
        .limit(1)
    )
    found = session.execute(query).scalar_one_or_none()
    if not isinstance(found, Mapping):
        return {}
    anew = {part.key for part in form.fields.values() if part.properties.get("earlier") == "false"}
    return {key: value for key, value in found.items() if key not in anew}


def files(said: Any) -> dict[str, Mapping[str, Any]]:
    """References of the files among values, by sha256."""
    return {each["sha256"]: each for each in _references(said)}


def asks_to_keep(entries: Entries) -> bool:
    """Whether the browser says of some file that the one from before is to be kept."""
    return any(DIGEST.fullmatch(text) for texts in entries.fields.values() for text in texts)


def _references(said: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(said, Mapping):
        if "sha256" in said and "name" in said:
            yield said
        else:
            for value in said.values():
                yield from _references(value)
    elif isinstance(said, list):
        for each in said:
            yield from _references(each)
