"""`jiuzhu deadline … [--db URL]`: the clock's own command, with the calendar that a store has confirmed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.clock import command
from engine.commands.common import ROOT, open_runtime


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of the clock, and `--db`."""
    command.add_arguments(parser)
    parser.add_argument("--db", help="按这个数据库里已确认的放假通知计算")
    parser.set_defaults(root=ROOT)


def run(args: argparse.Namespace) -> int:
    """Print the answer; 2 with a message when the question can't be understood or there is no such database."""
    if not args.db:
        return command.run(args)
    if args.db.startswith("sqlite:///") and not Path(args.db.removeprefix("sqlite:///")).exists():
        sys.stderr.write(f"没有找到数据库 {args.db}，请核对地址\n")
        return 2
    runtime = open_runtime(args)
    try:
        return command.run(args, runtime.calendar)
    finally:
        runtime.store.close()
