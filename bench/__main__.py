"""`python -m bench [NAME…]`: run the benchmarks whose name begins so, print a table, write var/bench.json."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import board, payments, procedure, rederive, steps, sweep
from bench.office import ROOT, office
from engine.cases import Runtime
from tests.support.postgres import packaged_server

Benchmark = Callable[[Runtime, str], Iterator[dict[str, Any]]]
BENCHMARKS: dict[str, Benchmark] = {
    "verb": steps.verb,
    "http": steps.http,
    "full_online": procedure.benchmark,
    "rederive": rederive.benchmark,
    "sweep": sweep.benchmark,
    "board": board.benchmark,
    "payment": payments.benchmark,
}
COLUMNS = ("name", "n", "database", "cpu_ms", "wall_ms", "statements", "commits", "bytes", "p95_ms", "p99_ms")


@contextmanager
def databases(wanted: str) -> Iterator[dict[str, str]]:
    """Addresses of fresh databases by name."""
    with tempfile.TemporaryDirectory(prefix="jiuzhu-bench-") as folder:
        found = {"sqlite": f"sqlite:///{folder}/bench.db"}
        if wanted == "sqlite":
            yield found
            return
        with packaged_server() as url:
            yield found | {"postgresql": os.environ.get("BENCH_DATABASE_URL", url)}


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"缺省为全部：{'、'.join(BENCHMARKS)}")
    parser.add_argument("--database", choices=("sqlite", "all"), default="all")
    args = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with databases(args.database) as urls:
        for database, url in urls.items():
            for name, run in BENCHMARKS.items():
                if args.names and not any(name.startswith(wanted.partition(".")[0]) for wanted in args.names):
                    continue
                with office(url) as runtime:
                    for row in run(runtime, database):
                        rows.append(row)
                        _print(row, first=len(rows) == 1)
    _keep(ROOT / "var" / "bench.json", rows)
    return 0


def _print(row: dict[str, Any], *, first: bool) -> None:
    if first:
        print("  ".join(f"{name:>12}" if index else f"{name:<28}" for index, name in enumerate(COLUMNS)))
    cells = [str(row.get(name, "")) for name in COLUMNS]
    print("  ".join(f"{cell:>12}" if index else f"{cell:<28}" for index, cell in enumerate(cells)), flush=True)


def _keep(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
