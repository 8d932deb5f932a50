"""What a department sees of an application that others handle too: its own item, and nothing of theirs (domain 2.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, or_, select

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node
from engine.bpmn.named import handed_on, split
from engine.cases.runtime import Step
from engine.people.scope import Reach
from engine.store import tables

OPEN_TO_ALL = frozenset({"started", "closed"})


@dataclass(frozen=True)
class OwnPart:
    """The instances that a reader has a hand in, and the forms of the whole case that those have to read."""

    instances: frozenset[str]
    forms: frozenset[str]

    def shows(self, submission: Mapping[str, Any]) -> bool:
        """Whether a submission is of one's own item, or is given to it to read."""
        if submission["instance"] is None:
            return submission["form_id"] in self.forms
        return submission["instance"] in self.instances

    def shows_line(self, line: Mapping[str, Any]) -> bool:
        """Whether a line of the history is of one's own item, or of the case's beginning or end."""
        return line["details"].get("instance") in self.instances or line["act"] in OPEN_TO_ALL


def own_part(this: Step, deployment: Deployment, case: Mapping[str, Any]) -> OwnPart | None:
    """What of a case the actor sees; None is all of it, as for everybody who takes part in it as a whole.

    Limited is who takes part only at places that single instances bind (`binds`), such as the departments of an
    application that is split by item.
    """
    bound = frozenset(_bound(deployment, case["procedure"]))
    if not bound or this.actor.is_public:
        return None
    reach = this.runtime.scope.reach(this.actor)
    if _takes_part_as_a_whole(this, reach, case["id"], bound):
        return None
    mine = [row for row in _tasks(this, case["id"]) if row["place"] in bound and _reached(this, reach, row)]
    read = {form for row in mine for form in _read(deployment, row)}
    return OwnPart(frozenset(row["instance"] for row in mine if row["instance"]), frozenset(read))


def whole_or_own(this: Step, row: Table) -> ColumnElement[bool]:
    """Condition on a table with case_id, instance, unit_id and unit_path, joined to `case`: rows of cases in which the
    actor takes part as a whole, and the rows of their own unit of the others."""
    deployment, reach = this.runtime.current(this.session)[1], this.runtime.scope.reach(this.actor)
    bound = sorted({place for process in deployment.processes for place in _bound(deployment, process)})
    u, t = tables.case_unit, tables.task
    by_role = [and_(t.c.role == role, t.c.unit_id == unit_id) for role, unit_id in sorted(reach.tasks)]
    have_task = or_(t.c.assignee == this.actor.account_id, *by_role)
    return or_(
        exists().where(
            u.c.case_id == row.c.case_id, u.c.place.not_in(bound), _within(reach, u.c.unit_id, u.c.unit_path)
        ),
        exists().where(t.c.case_id == row.c.case_id, t.c.place.not_in(bound), have_task),
        _within(reach, row.c.unit_id, row.c.unit_path),
        exists().where(t.c.case_id == row.c.case_id, t.c.instance == row.c.instance, have_task),
    )


def _within(reach: Reach, unit_id: ColumnElement[Any], path: ColumnElement[Any]) -> ColumnElement[bool]:
    below = [path.startswith(above, autoescape=True) for above in sorted(reach.paths)]
    return or_(unit_id.in_(sorted(reach.units)), *below)


def _bound(deployment: Deployment, procedure: str) -> Iterator[str]:
    for node in _nodes(deployment, deployment.closure(procedure)):
        yield from (place for place, _fact in handed_on(node.properties.get("binds", "")) if node.loop)


def _nodes(deployment: Deployment, processes: Iterable[str]) -> Iterator[Node]:
    for process_id in processes:
        yield from deployment.processes[process_id].every_node()


def _takes_part_as_a_whole(this: Step, reach: Reach, case_id: int, bound: frozenset[str]) -> bool:
    u = tables.case_unit
    query = select(u.c.unit_id, u.c.unit_path.label("path"), u.c.place).where(u.c.case_id == case_id)
    units = [row for row in this.session.execute(query).mappings() if row["place"] not in bound]
    if any(_unit_reached(reach, row["unit_id"], row["path"]) for row in units):
        return True
    tasks = [row for row in _tasks(this, case_id) if row["place"] not in bound]
    return any(_reached(this, reach, row) for row in tasks)


def _tasks(this: Step, case_id: int) -> list[dict[str, Any]]:
    t = tables.task
    columns = (t.c.instance, t.c.place, t.c.role, t.c.unit_id, t.c.assignee, t.c.process_id, t.c.node_id)
    found = this.session.execute(select(*columns).where(t.c.case_id == case_id))
    return [{**row} for row in found.mappings()]


def _reached(this: Step, reach: Reach, task: Mapping[str, Any]) -> bool:
    unit = this.runtime.units.find(task["unit_id"])
    by_unit = unit is not None and _unit_reached(reach, unit.id, unit.path)
    return by_unit or (task["role"], task["unit_id"]) in reach.tasks or task["assignee"] == this.actor.account_id


def _unit_reached(reach: Reach, unit_id: str, path: str) -> bool:
    return unit_id in reach.units or any(path.startswith(above) for above in reach.paths)


def _read(deployment: Deployment, task: Mapping[str, Any]) -> tuple[str, ...]:
    process = deployment.processes.get(task["process_id"])
    nodes = process.every_node() if process else ()
    node = next((each for each in nodes if each.id == task["node_id"]), None)
    return split(node.properties.get("read", "")) if node else ()
