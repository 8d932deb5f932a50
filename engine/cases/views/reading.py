"""A submitted form as something to read: labels, values, tables and files, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.bpmn.deployment import Deployment
from engine.cases.runtime import Runtime, Step
from engine.cases.views.own_part import OwnPart
from engine.people import accounts
from engine.people.sight import FormSight
from engine.store import tables
from forms.mask import mask
from forms.model import Component, Form

SIGNATURE = "signature"
ACCOUNTS = ("account", "accounts")


@dataclass(frozen=True)
class FileLink:
    """A file or signature of a block."""

    sha256: str
    name: str
    mime: str
    label: str
    signer: str = ""
    at: str = ""

    @property
    def is_picture(self) -> bool:
        return self.mime.startswith("image/")


@dataclass(frozen=True)
class RowTable:
    """The rows of a repeated list."""

    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ReadBlock:
    """One submission to be read."""

    title: str
    form_id: str
    by_name: str
    at: datetime | None
    rows: tuple[tuple[str, str], ...]
    tables: tuple[RowTable, ...] = ()
    files: tuple[FileLink, ...] = ()


def blocks(
    this: Step,
    deployment: Deployment,
    case_id: int,
    *,
    only: Sequence[str] = (),
    handler: bool = False,
    instance: str | None = None,
    own: OwnPart | None = None,
) -> list[ReadBlock]:
    """The case's submissions, newest first, as the actor sees them; with `only`, just the newest of these forms.

    One of several instances (`instance`) doesn't read what was said in the others; `own` shows only one's own part.
    """
    s = tables.submission
    query = select(s).where(s.c.case_id == case_id).order_by(s.c.id.desc())
    if only:
        query = query.where(s.c.form_id.in_(only))
    if instance:
        query = query.where(s.c.instance.is_(None) | (s.c.instance == instance))
    read, seen = [], set()
    roles = this.runtime.scope.roles_of(this.actor)
    for row in this.session.execute(query).mappings():
        if (only and row["form_id"] in seen) or (own is not None and not own.shows({**row})):
            continue
        seen.add(row["form_id"])
        form = deployment.forms.get(row["form_id"])
        sight = this.runtime.scope.visible_fields(roles, row["form_id"], handler=handler)
        if form is not None and sight.visible:
            read.append((form, {**row}, sight))
    names = accounts.names_of(this.session, (each for form, row, _ in read for each in _people(form, row["values"])))
    found = [_block(_Reader(form, sight, this.runtime, names), row) for form, row, sight in read]
    if only:
        found.sort(key=lambda each: list(only).index(each.form_id))
    return found


def _people(form: Form, values: Mapping[str, Any]) -> Iterator[str]:
    """Accounts that the form names, in its fields and in its lists."""
    for part in form.fields.values():
        holders: Iterable[Any] = values.get(part.list) or () if part.list else (values,)
        for given in (holder.get(part.key) for holder in holders if part.kind in ACCOUNTS):
            yield from given if isinstance(given, list) else [given] if given else []


def _block(reader: _Reader, row: Mapping[str, Any]) -> ReadBlock:
    """One submission through one reader's sight."""
    values = row["values"]
    return ReadBlock(
        title=row["name"] or reader.form.title,
        form_id=reader.form.id,
        by_name=row["by_name"],
        at=row["at"],
        rows=tuple(reader.rows(values)),
        tables=tuple(reader.tables(values)),
        files=tuple(reader.files(values)),
    )


@dataclass(frozen=True)
class _Reader:
    form: Form
    sight: FormSight
    runtime: Runtime
    names: Mapping[str, str]  # of the accounts that forms name

    def seen(self, *, in_list: str = "") -> Iterator[tuple[Component, str]]:
        for part in self.form.fields.values():
            look = self.sight.look(part.path, part.properties.get("mask", ""))
            if part.list == in_list and look != "hidden" and part.type != "dynamiclist":
                yield part, look

    def rows(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for part, look in self.seen():
            value = values.get(part.key)
            if part.fact_type not in ("file", "files", SIGNATURE) and value not in (None, "", []):
                yield part.label, self.text(part, value, look)

    def tables(self, values: Mapping[str, Any]) -> Iterator[RowTable]:
        for part in self.form.fields.values():
            given = values.get(part.key)
            if part.type != "dynamiclist" or not given or self.sight.look(part.path) == "hidden":
                continue
            columns = [
                (column, look)
                for column, look in self.seen(in_list=part.key)
                if column.fact_type not in ("file", "files", SIGNATURE)
                and any(row.get(column.key) not in (None, "", []) for row in given)
            ]
            yield RowTable(
                part.label,
                tuple(column.label for column, _ in columns),
                tuple(tuple(self.text(c, row.get(c.key), look) for c, look in columns) for row in given),
            )

    def files(self, values: Mapping[str, Any]) -> Iterator[FileLink]:
        for part in self.form.fields.values():
            if self.sight.look(part.path, part.properties.get("mask", "")) != "plain":
                continue
            holders: Iterable[Any] = values.get(part.list) or () if part.list else (values,)
            for holder in holders:
                value = holder.get(part.key)
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, Mapping) and "sha256" in each:
                        yield _link(part, each)

    def text(self, part: Component, value: Any, look: str) -> str:
        if value in (None, "", []):
            return ""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(self.text(part, each, look) for each in value)
        if part.kind == "unit":
            unit = self.runtime.units.find(str(value))
            return unit.name if unit else str(value)
        if part.kind in ACCOUNTS:
            return self.names.get(str(value), str(value))
        shown = part.options().get(str(value), str(value))
        if look == "masked":
            return mask(part.properties["mask"], shown)
        return f"{shown} {part.properties['unit']}" if "unit" in part.properties else shown


def _link(part: Component, reference: Mapping[str, Any]) -> FileLink:
    return FileLink(
        sha256=reference["sha256"],
        name=str(reference.get("name") or part.label),
        mime=str(reference.get("mime") or "image/png"),
        label=part.label,
        signer=str(reference.get("signerName") or ""),
        at=str(reference.get("at") or ""),
    )
