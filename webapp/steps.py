"""Hides the request from the verbs: who asks, when, in which transaction, and what was sent."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import current_app, request, session
from flask_login import current_user

from engine import cases
from engine.cases import Entries, Runtime, Step
from engine.people.actor import Actor, public
from forms.uploads import Upload
from webapp.drafts import Drafts, Kept

OWN_FIELDS = ("csrf_token", "key")
KEPT_PREFIX = "kept:"


@dataclass(frozen=True)
class Office:
    """What every request needs, made once with the app."""

    runtime: Runtime
    clock: Callable[[], datetime]
    drafts: Drafts


def office() -> Office:
    """The app's office."""
    found: Office = current_app.extensions["office"]
    return found


def staff() -> Actor:
    """The signed-in member of staff, with the address of this request."""
    actor: Actor = current_user.actor
    return replace(actor, origin=f"工作台 {request.remote_addr}")


def citizen(case_number: str = "", name: str = "", for_whom: str | None = None) -> Actor:
    """Somebody without an account: a family or its agent, once known by case number and code."""
    return public(case_number, name, origin=f"网上 {request.remote_addr}", for_whom=for_whom)


def tell(message: str) -> None:
    """Say this on the next page; only the last message waits there, so that the cookie never grows."""
    session["_flashes"] = [("message", message)]


@contextlib.contextmanager
def reading(actor: Actor) -> Iterator[Step]:
    """A step that only looks."""
    with office().runtime.store.transaction(write=False) as session:
        yield Step(office().runtime, session, actor, office().clock())


@contextlib.contextmanager
def acting(actor: Actor) -> Iterator[Step]:
    """A step that changes something: committed whole when the block ends, undone whole on an error."""
    with cases.step(office().runtime, actor, office().clock()) as step:
        yield step


@dataclass(frozen=True)
class Sent:
    """What the browser sent with a form, and whose kept files it may use."""

    owner: str
    key: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)
    uploads: dict[str, list[Upload]] = field(default_factory=dict)

    @property
    def entries(self) -> Entries:
        """The same for a verb."""
        return Entries(fields=self.fields, uploads=self.uploads)

    def keep(self, wrong: frozenset[str]) -> dict[str, list[Kept]]:
        """Keep the files of all inputs but the `wrong` ones for the next attempt, by input name."""
        return {
            name: [office().drafts.keep(upload, self.owner) for upload in uploads]
            for name, uploads in self.uploads.items()
            if name not in wrong
        }


def sent(owner: str) -> Sent:
    """Read this request's form: texts by input name, new files and those kept from an earlier attempt."""
    fields, uploads = {}, {}
    for name, values in request.form.lists():
        if name.startswith(KEPT_PREFIX):
            uploads[name.removeprefix(KEPT_PREFIX)] = office().drafts.fetch(values, owner)
        elif name not in OWN_FIELDS:
            fields[name] = values
    for name, files in request.files.lists():
        new = [Upload(file.filename or "", file.read()) for file in files if file.filename]
        uploads[name] = uploads.get(name, []) + new
    return Sent(owner, request.form.get("key", ""), fields, {name: files for name, files in uploads.items() if files})
