"""Deploying: the files of a folder become an immutable set that new cases start on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from engine.bpmn.deployment import Deployment
from engine.cases.turns import wait_for_key
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.runtime import Step


@dataclass(frozen=True)
class Deployed:
    """The set that is current now; `new` is False when these very files were current already."""

    id: str
    number: int
    new: bool


def deploy(this: Step, files: Mapping[str, bytes], note: str = "") -> Deployed:
    """Store `files` (path -> content) as the current deployment; the gate has let them pass."""
    d = tables.deployment
    deployment = Deployment(files)
    wait_for_key(this, "deploy")
    newest = this.session.execute(select(d.c.id, d.c.number).order_by(d.c.number.desc()).limit(1)).one_or_none()
    if newest and newest.id == deployment.id:
        return Deployed(newest.id, newest.number, new=False)
    known = this.session.execute(select(d.c.number).where(d.c.id == deployment.id)).scalar_one_or_none()
    number = (this.session.execute(select(func.max(d.c.number))).scalar_one() or 0) + 1
    if known is not None:  # an older set comes back: it becomes the newest again
        this.session.execute(d.update().where(d.c.id == deployment.id).values(number=number))
        return Deployed(deployment.id, number, new=True)
    _store(this, deployment, number, note)
    return Deployed(deployment.id, number, new=True)


def _store(this: Step, deployment: Deployment, number: int, note: str) -> None:
    digests = {path: hashlib.sha256(body).hexdigest() for path, body in deployment.files.items()}
    contents = dict(sorted((digests[path], body) for path, body in deployment.files.items()))
    row = {"id": deployment.id, "number": number, "at": this.now, "by": this.actor.account_id, "note": note or None}
    this.session.execute(insert(tables.deployment).values(row))
    rows = [{"sha256": digest, "body": body} for digest, body in contents.items()]
    this.session.execute(this.runtime.store.insert(tables.content).on_conflict_do_nothing(), rows)
    listed = [{"deployment_id": deployment.id, "path": path, "sha256": digest} for path, digest in digests.items()]
    this.session.execute(insert(tables.deployment_file), listed)
