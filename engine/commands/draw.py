"""`jiuzhu draw verify FILE|NUMBER`: runs a published draw again and says whether the same comes out (S2-46)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.commands.common import open_runtime, store_arguments
from engine.supervision import published
from engine.supervision.draw import DrawImpossible


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and which draw."""
    parser.add_argument("action", choices=["verify"], help="verify：重新抽取并核对")
    parser.add_argument("which", help="下载的抽取记录（JSON 文件），或者抽取编号")
    store_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0 when the same comes out, 1 when not."""
    found = _document(args)
    wrong = published.verify(found)
    for problem in wrong:
        print(f"不一致：{problem}")
    if not wrong:
        unit = "名" if "seats" in found else "户"
        print(f"一致：{len(found['population'])}{unit}中抽取{len(found['result'])}{unit}，种子 {found['seed']}")
    return 1 if wrong else 0


def _document(args: argparse.Namespace) -> Mapping[str, Any]:
    path = Path(args.which)
    if not path.exists():
        runtime = open_runtime(args)
        try:
            with runtime.store.transaction(write=False) as session:
                return published.document(session, args.which)
        finally:
            runtime.store.close()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DrawImpossible(f"{path}：读不出来（{error}），请重新下载抽取记录") from error
    if not isinstance(found, dict):
        raise DrawImpossible(f"{path}：不是抽取记录，请下载公开页面上的“抽取记录”")
    return found
