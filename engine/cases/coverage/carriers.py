"""Finds all that names a clause in a checkout: nodes, forms, tables, limits, scenarios, pages, topics and papers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import topics
from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node
from engine.bpmn.xml import local, parse
from engine.cases import scenario
from engine.cases.coverage.clauses import FILE, Clause
from engine.cases.coverage.errors import ClausesNotReadable
from forms.schema import Form

KINDS = {
    "process": "流程",
    "node": "节点",
    "form": "表单",
    "decision": "决策表",
    "table": "政策表",
    "limit": "时限",
    "scenario": "情景",
    "page": "页面",
    "topic": "自动步骤",
    "paper": "文书",
    "places": "机构",
}
ALONE = frozenset(KINDS) - {"limit", "scenario"}  # a limit or an example by itself does nothing
CLAUSE = re.compile(r"\b(?:S\d+-\d+[a-z]?|A-\d\d)\b")  # of the documents, or of what they leave open
ABOVE = re.compile(r"F\d")  # clauses of the rules above these documents, which aren't listed
ACTING = frozenset({"user", "service", "rule", "receive", "call", "throw", "catch", "boundary"})
PLACES_OF_NAMES = {
    "table": "processes/policy/{}.toml",
    "places": "processes/places/{}.toml",
    "paper": "forms/papers/{}.txt",
}


@dataclass(frozen=True, slots=True)
class Carrier:
    """Something that carries clauses out: its `kind` (of KINDS), the `file` it stands in, its `id` there and name."""

    kind: str
    file: str
    id: str
    name: str

    @property
    def label(self) -> str:
        """`节点 受理申请`, as an analyst knows it."""
        return f"{KINDS[self.kind]} {self.name}"


@dataclass(frozen=True, slots=True)
class Mention:
    """A carrier with the clauses that it names; `acts` when it is a node that does something, as a task does."""

    carrier: Carrier
    clauses: tuple[str, ...]
    acts: bool = False


def find(root: Path, deployment: Deployment, clauses: Mapping[str, Clause]) -> list[Mention]:
    """Everything that could name a clause, nodes without one too; errors of reading the files pass through."""
    found = [*_nodes(deployment), *_forms(deployment), *_decisions(deployment), *_tables(deployment)]
    found += _scenarios(root)
    return found + [mention for clause in clauses.values() for mention in _named(root, clause)]


def _nodes(deployment: Deployment) -> Iterator[Mention]:
    for path, drawn in deployment.diagrams.items():
        for process in drawn.processes:
            carrier = Carrier("process", path, process.id, process.name or process.id)
            yield Mention(carrier, _unique(_split(process.properties.get("clause", ""))))
            for node in process.every_node():
                yield Mention(Carrier("node", path, node.id, node.name or node.id), node.clauses, _acts(node))


def _acts(node: Node) -> bool:
    return node.kind in ACTING or bool(node.works)


def _forms(deployment: Deployment) -> Iterator[Mention]:
    for path in sorted(path for path in deployment.files if path.endswith(".form")):
        form = deployment.forms[Path(path).stem]
        yield Mention(Carrier("form", path, form.id, form.title or form.id), _of_form(form))


def _of_form(form: Form) -> tuple[str, ...]:
    return _unique(each for part in form.root.walk() for each in _split(part.properties.get("clause", "")))


def _decisions(deployment: Deployment) -> Iterator[Mention]:
    """Each decision by what is written anywhere in it: description, annotations of rules."""
    for path in sorted(path for path in deployment.files if path.endswith(".dmn")):
        for element in parse(deployment.files[path], path):
            if isinstance(element.tag, str) and local(element) == "decision":
                written = [
                    " ".join([each.text or "", each.tail or "", *each.attrib.values()]) for each in element.iter()
                ]
                name = element.get("name") or element.get("id") or ""
                yield Mention(Carrier("decision", path, element.get("id") or "", name), _in_text(" ".join(written)))


def _tables(deployment: Deployment) -> Iterator[Mention]:
    """Each row of a policy table that has a column `clause`; the list of clauses itself is none."""
    for path in sorted(path for path in deployment.files if path.startswith("processes/policy/") and path != FILE):
        kind = "limit" if path.endswith("/limits.toml") else "table"
        for row in _rows(_read_table(path, deployment.files[path])):
            row_id = str(row.get("id") or row.get("name") or Path(path).stem)
            name = f"{row_id} {row['name']}" if "id" in row and "name" in row else row_id
            yield Mention(Carrier(kind, path, row_id, name), _in_text(str(row["clause"])))


def _read_table(path: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClausesNotReadable(path, "", f"无法读取（{error}）") from error


def _rows(content: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, dict):
        if "clause" in content and not isinstance(content["clause"], (dict, list)):
            yield content
        for value in content.values():
            yield from _rows(value)
    elif isinstance(content, list):
        for value in content:
            yield from _rows(value)


def _scenarios(root: Path) -> Iterator[Mention]:
    for each in scenario.find([root / "processes"]):
        path = each.path.relative_to(root).as_posix()
        yield Mention(Carrier("scenario", path, each.path.stem, each.name), _unique(map(str, each.clauses)))


def _named(root: Path, clause: Clause) -> Iterator[Mention]:
    """What the list of clauses names itself, such as a page; a name without a thing is left out (see `absent`)."""
    for name in clause.carried_by:
        if file := _file_of(root, name):
            kind, _, thing = name.partition(":")
            yield Mention(Carrier(kind, file, thing, thing), (clause.id,))


def absent(root: Path, clause: Clause) -> list[str]:
    """Those names of `carried_by` behind which there is nothing."""
    return [name for name in clause.carried_by if not _file_of(root, name)]


def _file_of(root: Path, name: str) -> str:
    """The file that holds `page:public.apply` (a view), `topic:notice.publish`, `paper:refusal`…; "" when none does."""
    kind, _, thing = name.partition(":")
    if kind == "topic":
        found = topics.find(thing)
        return f"{found.run.__module__.replace('.', '/')}.py" if found else ""
    if kind == "page":
        module, _, view = thing.partition(".")
        file = f"webapp/{module}.py"
        text = (root / file).read_text("utf-8") if (root / file).is_file() else ""
        return file if re.search(rf"^def {re.escape(view)}\(", text, re.MULTILINE) else ""
    file = PLACES_OF_NAMES.get(kind, "").format(thing)
    return file if file and (root / file).is_file() else ""


def _split(text: str) -> list[str]:
    return text.replace("，", ",").replace("、", ",").replace(",", " ").split()


def _in_text(text: str) -> tuple[str, ...]:
    return _unique(CLAUSE.findall(text))


def _unique(ids: Iterator[str] | list[str] | map[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
