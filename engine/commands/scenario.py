"""`jiuzhu scenario PATH…`: plays dated examples in an empty office and prints what happened."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.bpmn.deployment import Deployment, read_folder
from engine.cases import Runtime, demo, scenario
from engine.cases.coverage import elements
from engine.clock.days import local
from engine.commands.common import ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--reload", action="store_true", help="每一步都从数据库重新装载")


def run(args: argparse.Namespace) -> int:
    examples = list(scenario.find(args.paths))
    with _office(args.root) as shared:
        reports = [_play(shared, each, args) for each in examples]
    if args.json:
        print(json.dumps([_as_dict(report) for report in reports], ensure_ascii=False, indent=1, default=str))
    else:
        for report in reports:
            _print_report(report)
        _print_elements(args.root, reports)
    failed = [report for report in reports if not report.ok]
    print(f"{len(reports) - len(failed)} 个通过，{len(failed)} 个失败", file=sys.stderr)
    return 1 if failed or not reports else 0


def _play(shared: Runtime, example: scenario.Scenario, args: argparse.Namespace) -> scenario.Report:
    """In the office that all share, or in one of its own."""
    with _office(args.root) if example.alone else nullcontext(shared) as office:
        return scenario.Run(office, example, reload=args.reload).play()


@contextmanager
def _office(root: Path) -> Iterator[Runtime]:
    with tempfile.TemporaryDirectory(prefix="jiuzhu-") as folder:
        runtime = demo.empty_office(f"sqlite:///{folder}/scenario.db", root)
        yield runtime
        runtime.store.close()


def _as_dict(report: scenario.Report) -> dict[str, Any]:
    return {
        "file": str(report.scenario.path),
        "name": report.scenario.name,
        "ok": report.ok,
        "failure": report.failure,
        "events": [asdict(event) for event in report.events],
    }


def _print_report(report: scenario.Report) -> None:
    print(f"{'通过' if report.ok else '失败'}  {report.scenario.name}（{report.scenario.path.name}）")
    for event in report.events:
        opened = "、".join(map(str, event.open)) or "—"
        print(f"  {local(event.at):%Y-%m-%d %H:%M}  {event.what} · {event.by}  →  {event.stage}  待办：{opened}")
    if report.failure:
        print(f"  ✗ {report.failure}")


def _print_elements(root: Path, reports: list[scenario.Report]) -> None:
    """How far the examples go through the diagrams, those that were passed at all; kept for the analysts' pages."""
    deployment = Deployment(read_folder(root))
    found = elements.keep(root, deployment, reports)
    shares = [elements.share(process, found) for process in deployment.processes.values()]
    rows = [(one.process.id, one) for one in shares if one.passed]
    print("\n流程图元素覆盖（例子走到的元素 / 全部元素）")
    for name, one in rows:
        missed = "，没有走到：" + "、".join(node.name or node.id for node in one.missed) if one.missed else ""
        print(f"  {one.passed:>4} / {one.total:<4} {one.percent:5.1f}%  {name} {one.process.name}{missed}")
