"""Keeps who reports apart from what is reported: sealed fields of a form never reach the case file (E-33).

A form says so with the property `sealed` on its fields (`name`, `phone`, `address`). What is filled in there goes to a
table of its own; only those who take complaints at the unit that handles the case read it, each time for a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from engine.cases import about
from engine.cases.errors import CaseNotFound, FormRejected, WordsWrong
from engine.cases.history import line
from engine.people.actor import Actor
from engine.store import tables
from engine.store.supervision import complaint_reporter
from forms.model import Form
from forms.submission import Reading

if TYPE_CHECKING:
    from engine.cases.move import Move
    from engine.cases.runtime import Step

PLACE = "handling"  # the unit that takes and handles the report
NAME = "举报人（保密）"  # what stands where other cases name their applicant
ACT = "unsealed"
LEAST, MOST = 4, 200  # characters of a reason
SHORTEST = 2  # a name or number with fewer characters can't be told from other words


@dataclass(frozen=True)
class Reporter:
    """Who reported; empty strings for what was not given."""

    name: str
    phone: str
    address: str


def is_sealed(form: Form) -> bool:
    """Whether a form has sealed fields."""
    return any("sealed" in part.properties for part in form.fields.values())


def unnamed(actor: Actor, channel: str) -> Actor:
    """Who sends such a form, without the address it came from; a citizen without a name too."""
    return replace(actor, origin=channel, name=NAME if actor.is_public else actor.name)


def split(form: Form, reading: Reading) -> tuple[Reading, dict[str, str]]:
    """The reading without what is sealed, and that by its column."""
    parts = [part for part in form.fields.values() if "sealed" in part.properties]
    secret = {part.properties["sealed"]: str(reading.values.get(part.key) or "") for part in parts}
    left = {**reading.values, **{part.key: None for part in parts}}
    return (replace(reading, values=left), secret) if parts else (reading, {})


def keep(move: Move, secret: Mapping[str, str]) -> None:
    """Put a reporter's identity away; an anonymous report leaves no row."""
    if any(secret.values()):
        row = {"name": "", **secret, "case_id": move.case["id"], "at": move.step.now}
        move.step.session.execute(insert(complaint_reporter).values(row))


def may_look(this: Step, case: Mapping[str, Any]) -> bool:
    """Whether the actor takes complaints at the unit that handles this one, and somebody gave a name."""
    unit_id = str(case["places"].get(PLACE) or "")
    if not any(this.actor.holds(role, unit_id) for role in this.runtime.scope.confidential.roles):
        return False
    return _find(this, case["id"]) is not None


def look(this: Step, case: Mapping[str, Any], reason: str) -> Reporter:
    """Who reported, for a reason that is kept in the case's history.

    `CaseNotFound` for whom it is no matter, `WordsWrong` for a reason that is too short or too long.
    """
    found = _find(this, case["id"])
    if found is None or not may_look(this, case):
        raise CaseNotFound
    words = " ".join(reason.split())
    if not LEAST <= len(words) <= MOST:
        raise WordsWrong(f"请写明为什么查看举报人的身份，{LEAST} 到 {MOST} 个字")
    if _named(found, words):
        raise WordsWrong("理由会记入办理经过，请不要写举报人的姓名、电话或者地址")
    about.write(this, case["id"], line(this.actor, this.now, ACT, "查看举报人身份", details={"text": words}))
    return found


def guard(this: Step, case_id: int, form: Form, reading: Reading) -> None:
    """Whoever may know the reporter must not write the name on: `FormRejected` at the field that has it.

    Asked only of those who may read the identity anyhow, so that nobody can find a name by trying.
    """
    if not this.actor.roles & this.runtime.scope.confidential.roles:
        return
    found = _find(this, case_id)
    if found is None:
        return
    wrong = {
        part.key: "这里写了举报人的姓名、电话或者地址，办理的人会看到，请改写后再提交"
        for part in form.fields.values()
        if any(_named(found, words) for words in _texts(reading.values.get(part.key)))
    }
    if wrong:
        raise FormRejected(replace(reading, errors={**reading.errors, **wrong}))


def _named(found: Reporter, words: str) -> bool:
    return any(len(secret) >= SHORTEST and secret in words for secret in (found.name, found.phone, found.address))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _find(this: Step, case_id: int) -> Reporter | None:
    r = complaint_reporter.c
    query = select(r.name, r.phone, r.address).where(r.case_id == case_id)
    row = this.session.execute(query).one_or_none()
    return Reporter(row.name, row.phone, row.address) if row else None


def person(procedure_name: str) -> dict[str, Any]:
    """Columns of the row of a case whose reporter is sealed."""
    c = tables.case.c
    return {c.applicant_name.name: NAME, c.item.name: procedure_name}
