"""What the commands share: where the checkout and the database are."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from engine import cases
from engine.cases import Runtime
from engine.people.actor import Actor

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = Actor("operator", "系统管理员")


def store_arguments(parser: argparse.ArgumentParser) -> None:
    """`--root` and `--db`."""
    parser.add_argument("--root", type=Path, default=ROOT, help="processes/ 和 forms/ 所在的文件夹")
    parser.add_argument("--db", help="数据库地址，缺省为 var/jiuzhu.db", default=os.environ.get("JIUZHU_DB"))


def url(args: argparse.Namespace) -> str:
    """The address of the database."""
    return args.db or f"sqlite:///{args.root / 'var' / 'jiuzhu.db'}"


def open_runtime(args: argparse.Namespace) -> Runtime:
    """The runtime that the arguments name."""
    return cases.open_runtime(url(args), args.root)


def now() -> datetime:
    """The wall clock: commands are where time comes from."""
    return datetime.now(UTC)
