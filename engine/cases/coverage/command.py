"""`jiuzhu coverage [--json] [--seed S0]`: which clause is carried by what; exit 1 when one is forgotten."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.bpmn.errors import DiagramError
from engine.cases.coverage.carriers import KINDS, Carrier
from engine.cases.coverage.clauses import Clause
from engine.cases.coverage.columns import fit, table
from engine.cases.coverage.matching import Coverage, State, compute
from engine.cases.coverage.switches import Switch
from engine.cases.scenario import ScenarioError
from forms.errors import FormDefinitionError

ROOT = Path(__file__).resolve().parents[3]
SHOWN = 2  # names of a kind before "等 n 个"
WIDEST = 44  # columns of a terminal for the requirement


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    parser.add_argument("--seed", default="", metavar="S0", help="只看一个文件的条款")
    parser.add_argument("--root", type=Path, default=ROOT, help="processes/ 和 forms/ 所在的文件夹")


def run(args: Namespace) -> int:
    """Print the table or the data; 1 when a clause is forgotten, an id unknown or a file unreadable, 2 for an unknown
    document."""
    try:
        found = compute(args.root)
    except (DiagramError, FormDefinitionError, ScenarioError) as error:
        print(error, file=sys.stderr)
        return 1
    seed = args.seed.strip().upper()
    if seed and seed not in found.documents:
        print(f"没有文件 {args.seed}，可选：{'、'.join(found.documents)}", file=sys.stderr)
        return 2
    print(json.dumps(as_json(found, seed), ensure_ascii=False, indent=1) if args.json else as_text(found, seed))
    return 1 if found.missing(seed) or found.unknown or found.absent or found.lost else 0


def as_text(found: Coverage, seed: str = "") -> str:
    """The page an analyst reads: clause by clause, then what is not carried and why, slips, nodes without clause."""
    parts = [_covered(found, seed), _not_carried(found, seed), _untried(found, seed), _slips(found)]
    parts += [_silent(found), _summary(found, seed)]
    return "\n\n".join(part for part in parts if part)


def _covered(found: Coverage, seed: str) -> str:
    rows = [("条款", "要求", "由什么落实")]
    for clause in found.of(seed):
        if found.state(clause.id) is State.CARRIED:
            rows.append((clause.id, fit(clause.requirement, WIDEST), _grouped(found.carriers(clause.id))))
    return "\n".join(table(rows))


def _grouped(carriers: Iterable[Carrier]) -> str:
    """`节点 受理、补正等 5 个；表单 材料审查`."""
    names: dict[str, dict[str, None]] = {}
    for carrier in carriers:
        names.setdefault(carrier.kind, {})[carrier.name] = None
    return "；".join(f"{KINDS[kind]} {_some(list(names[kind]))}" for kind in KINDS if kind in names)


def _some(names: list[str]) -> str:
    shown = "、".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown}等 {len(names)} 个"


def _not_carried(found: Coverage, seed: str) -> str:
    rows = [
        (clause.id, fit(clause.requirement, WIDEST), found.state(clause.id).value, reason(found, clause))
        for clause in found.of(seed)
        if found.state(clause.id) is not State.CARRIED
    ]
    return "\n".join(["未落实的条款", *table(rows)]) if rows else ""


def reason(found: Coverage, clause: Clause) -> str:
    """Why nothing carries the clause, in a sentence; "" when it is carried."""
    match found.state(clause.id):
        case State.CARRIED:
            return ""
        case State.NOT_SOFTWARE:
            return clause.reason
        case State.AWAITS:
            return f"属于 processes/{clause.procedure}，还没有流程图"
    only = _grouped(found.carriers(clause.id))
    return f"只登记在{only}，没有节点、表单或页面去做" if only else "没有节点、表单、决策表或页面去做，请补上或说明原因"


def _untried(found: Coverage, seed: str) -> str:
    ids = "、".join(clause.id for clause in found.untried(seed))
    return f"有节点而没有情景演练的条款：{ids}" if ids else ""


def _slips(found: Coverage) -> str:
    lines = [
        f"  {carrier.file}：{carrier.label}（{carrier.id}）写了 {clause_id}，条款表里没有，请核对编号"
        for carrier, clause_id in found.unknown
    ]
    lines += [
        f"  {clause_id} 的 carried_by 写了 {name}，但找不到它，请核对名称"
        for clause_id, names in found.absent.items()
        for name in names
    ]
    lines += [
        f"  {switch_id} 的 where 写了{'、'.join(names)}，没有这个文件，请核对"
        for switch_id, names in found.lost.items()
    ]
    return "\n".join(["写错的编号和名称", *lines]) if lines else ""


def _silent(found: Coverage) -> str:
    by_file: dict[str, list[str]] = {}
    for carrier in found.nodes_without_clause():
        by_file.setdefault(carrier.file, []).append(f"{carrier.name}（{carrier.id}）")
    lines = [f"  {file}：{'、'.join(names)}" for file, names in by_file.items()]
    return "\n".join(["没有写依据的节点", *lines]) if lines else ""


def _summary(found: Coverage, seed: str) -> str:
    counts = [(state, sum(found.state(c.id) is state for c in found.of(seed))) for state in State]
    return f"共 {len(found.of(seed))} 条：" + "，".join(f"{state.value} {count}" for state, count in counts if count)


def as_json(found: Coverage, seed: str = "") -> dict[str, Any]:
    """The same as data, both ways: `clauses` with carriers by kind, `nodes` with clauses, `unknown` ids and names."""
    return {
        "clauses": [_clause_json(found, clause) for clause in found.of(seed)],
        "missing": [clause.id for clause in found.missing(seed)],
        "untried": [clause.id for clause in found.untried(seed)],
        "nodes": list(_nodes_json(found)),
        "unknown": [{**_carrier_json(carrier), "clause": each} for carrier, each in found.unknown],
        "absent": {clause_id: list(names) for clause_id, names in found.absent.items()},
        "switches": [_switch_json(found, switch) for switch in found.switches.values()],
        "lost": {switch_id: list(names) for switch_id, names in found.lost.items()},
    }


def _clause_json(found: Coverage, clause: Clause) -> dict[str, Any]:
    carriers: dict[str, list[dict[str, str]]] = {kind: [] for kind in KINDS}
    for carrier in found.carriers(clause.id):
        carriers[carrier.kind].append(_carrier_json(carrier))
    return {
        "id": clause.id,
        "requirement": clause.requirement,
        "quote": clause.quote,
        "actor": clause.actor,
        "deadline": clause.deadline,
        "procedure": clause.procedure,
        "state": found.state(clause.id).name.lower(),
        "reason": reason(found, clause),
        "carriers": carriers,
    }


def _nodes_json(found: Coverage) -> Iterator[dict[str, Any]]:
    for mention in found.mentions:
        if mention.carrier.kind == "node":
            yield {**_carrier_json(mention.carrier), "clauses": list(mention.clauses), "acts": mention.acts}


def _switch_json(found: Coverage, switch: Switch) -> dict[str, Any]:
    said = {**asdict(switch), "choices": list(switch.choices), "valid_from": switch.valid_from.isoformat()}
    return {**said, "carriers": [_carrier_json(carrier) for carrier in found.carriers(switch.id)]}


def _carrier_json(carrier: Carrier) -> dict[str, str]:
    return {"kind": carrier.kind, "file": carrier.file, "id": carrier.id, "name": carrier.name}
