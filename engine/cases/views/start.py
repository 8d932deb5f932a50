"""What an actor may begin, and the form to begin it with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.diagram import Process
from engine.cases import access
from engine.cases.about import ABOUT
from engine.cases.entries import options
from engine.cases.errors import ProcedureNotOpen
from engine.cases.runtime import Step
from forms.model import Form


@dataclass(frozen=True)
class Startable:
    """A procedure that the actor may start.

    `about` is the field of its start form that takes the number of another case, "" where it isn't about one; `begin`
    is what its start event is called.
    """

    id: str
    name: str
    description: str
    about: str
    begin: str


@dataclass(frozen=True)
class StartPage:
    """The start form of a procedure."""

    procedure: Startable
    form: Form
    options: Mapping[str, Mapping[str, str]]
    key: str


def startable(this: Step) -> list[Startable]:
    """The procedures of the current deployment that the actor may start."""
    _, deployment = this.runtime.current(this.session)
    return [
        _startable(process)
        for process in deployment.processes.values()
        if process.starters and process.begin("none") and access.may_start(this.actor, process.starters)
    ]


def _startable(process: Process) -> Startable:
    said = process.properties
    begin = process.begin("none")[0].name
    return Startable(process.id, process.name, said.get("description", ""), said.get(ABOUT, ""), begin)


def start_form(this: Step, procedure: str) -> StartPage:
    """The start form of a procedure, else `ProcedureNotOpen`."""
    found = next((each for each in startable(this) if each.id == procedure), None)
    if found is None:
        raise ProcedureNotOpen
    _, deployment = this.runtime.current(this.session)
    node = deployment.processes[procedure].begin("none")[0]
    form = deployment.forms[node.form]
    return StartPage(found, form, options(form, this.session, this.runtime, {}, this.now), secrets.token_hex(16))
