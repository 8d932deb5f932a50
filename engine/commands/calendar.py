"""`jiuzhu calendar`: notices on days off, imported, previewed and confirmed from a terminal."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine import cases
from engine.cases import Runtime, Step, calendar_notices, outlook, outlook_sheet, rederive
from engine.cases.calendar_notices import NoticeRow
from engine.cases.errors import CaseError
from engine.cases.outlook import Outlook, unit_name
from engine.commands.common import OPERATOR, now, open_runtime, store_arguments

SHOWN = 20  # rows of the list in a terminal; the spreadsheet holds all
WORDS = {
    "list": "已导入的通知和它们的状态（缺省）",
    "import": "从文件导入通知，先作草稿",
    "package": "导入系统自带数据里的一年",
    "preview": "确认后哪些期限会移动",
    "confirm": "确认通知，并重新计算在办期限",
    "drop": "作废一条草稿",
    "run": "接着把没算完的期限算完",
}
Act = Callable[[Runtime, argparse.Namespace], Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, `import FILE`, `package [YEAR]`, `preview ID`, `confirm ID`, `drop ID`, `run`."""
    store_arguments(parser)
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    acts = parser.add_subparsers(dest="act", metavar="操作")
    one = {name: acts.add_parser(name, help=text, description=text) for name, text in WORDS.items()}
    one["import"].add_argument("file", type=Path, metavar="文件", help="扩展名 .toml 或 .json")
    one["package"].add_argument("year", type=int, nargs="?", metavar="年份")
    one["preview"].add_argument("--xlsx", type=Path, metavar="文件", help="把全部移动的期限写成表格")
    for name in ("preview", "confirm", "drop"):
        one[name].add_argument("notice", type=int, metavar="编号", help="见 jiuzhu calendar list")
    for each in one.values():  # the common options may stand behind the act, too
        each.add_argument("--db", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        each.add_argument("--root", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        each.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Do it; 0, or 1 with a Chinese message on stderr when it is refused."""
    runtime = open_runtime(args)
    try:
        ACTS[args.act or "list"](runtime, args)
    except CaseError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"文件 {error.filename} 无法打开，请核对文件名和位置\n")
        return 1
    finally:
        runtime.store.close()
    return 0


@contextlib.contextmanager
def _look(runtime: Runtime) -> Iterator[Step]:
    """A step that only reads."""
    with runtime.store.transaction(write=False) as session:
        yield Step(runtime, session, OPERATOR, now())


def _list(runtime: Runtime, args: argparse.Namespace) -> None:
    with _look(runtime) as this:
        rows = calendar_notices.listing(this)
    offered = calendar_notices.importable_years(runtime)
    if args.json:
        current = runtime.calendar()
        shown = {"calendar_version": current.version, "last_notice": current.last_notice, "importable": offered}
        _print_json({**shown, "notices": [asdict(row) for row in rows]})
        return
    print(f"当前日历 {runtime.calendar().version}，放假安排已知到{runtime.calendar().last_notice}年")
    for row in rows:
        print(_line(row))
    for year in offered:
        print(f"系统自带数据里还有{year}年的安排，可用 jiuzhu calendar package {year} 导入")


def _line(row: NoticeRow) -> str:
    counted = f"，已算 {row.done}/{row.total} 条，移动 {row.moved} 条" if row.total is not None else ""
    return (
        f"{row.id}  {row.status_text}  《{row.title}》{row.number}  {row.region_name}  {len(row.days)} 个日期{counted}"
    )


def _import(runtime: Runtime, args: argparse.Namespace) -> None:
    content = args.file.read_bytes()
    with cases.step(runtime, OPERATOR, now()) as this:
        ids = calendar_notices.import_file(this, content, args.file.name)
    _imported(runtime, args, ids)


def _package(runtime: Runtime, args: argparse.Namespace) -> None:
    offered = calendar_notices.importable_years(runtime)
    year = args.year or (offered[0] if offered else runtime.calendar().last_notice + 1)
    with cases.step(runtime, OPERATOR, now()) as this:
        ids = [calendar_notices.import_packaged(this, year)]
    _imported(runtime, args, ids)


def _imported(runtime: Runtime, args: argparse.Namespace, ids: list[int]) -> None:
    with _look(runtime) as this:
        rows = [calendar_notices.one(this, each) for each in ids]
    if args.json:
        _print_json([asdict(row) for row in rows])
        return
    for row in rows:
        print(f"已导入为草稿：{_line(row)}")
        print(f"  先看影响 jiuzhu calendar preview {row.id}，再确认 jiuzhu calendar confirm {row.id}")


def _preview(runtime: Runtime, args: argparse.Namespace) -> None:
    with _look(runtime) as this:
        found = outlook.outlook(this, args.notice)
        numbers = outlook.case_numbers(this, found.movers[:SHOWN])
        if args.xlsx:
            args.xlsx.write_bytes(outlook_sheet.workbook(this, found.movers))
    if args.json:
        _print_json(_as_data(runtime, found))
        return
    print(
        f"在办期限 {found.total} 条：移动 {found.moved} 条，只去掉“暂定” {found.settled} 条，不变 {found.unchanged} 条"
    )
    for days, times in found.by_days():
        print(f"  {_by(days)}  {times} 条")
    for each in found.movers[:SHOWN]:
        unit = unit_name(runtime, each.unit_id)
        print(f"  {numbers.get(each.case_id, '')}  {unit}  {outlook_sheet.sentence(each)}")
    if len(found.movers) > SHOWN:
        print(f"  …… 还有 {len(found.movers) - SHOWN} 条，可用 --xlsx 文件名.xlsx 导出全部")


def _by(days: int) -> str:
    return f"{'推后' if days > 0 else '提前'} {abs(days)} 日" if days else "日期不变，不再是暂定"


def _as_data(runtime: Runtime, found: Outlook) -> dict[str, Any]:
    keys = ("name", "count", "least_days", "most_days")
    return {
        "total": found.total,
        "moved": found.moved,
        "settled": found.settled,
        "by_days": dict(found.by_days()),
        "by_limit": [dict(zip(keys, row, strict=True)) for row in found.by(outlook.limit_of)],
        "by_unit": [
            dict(zip(keys, row, strict=True)) for row in found.by(lambda each: unit_name(runtime, each.unit_id))
        ],
    }


def _confirm(runtime: Runtime, args: argparse.Namespace) -> None:
    with cases.step(runtime, OPERATOR, now()) as this:
        calendar_notices.confirm(this, args.notice)
    print("已确认，从现在起按新日历计算", file=sys.stderr)
    _run(runtime, args)


def _run(runtime: Runtime, args: argparse.Namespace) -> None:
    done = rederive.run(runtime, now, say=_say if sys.stderr.isatty() else lambda _progress: None)
    if args.json:
        _print_json(asdict(done))
        return
    ending = "完成" if done.finished else "其余的正由别的进程计算"
    print(f"重新计算 {done.done} 条期限，移动 {done.moved} 条，{ending}")


def _say(progress: rederive.Progress) -> None:
    sys.stderr.write(f"\r已算 {progress.done} 条，移动 {progress.moved} 条")


def _drop(runtime: Runtime, args: argparse.Namespace) -> None:
    with cases.step(runtime, OPERATOR, now()) as this:
        calendar_notices.drop(this, args.notice)
    print("已作废")


def _print_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=1, default=str))


ACTS: dict[str, Act] = {
    "list": _list,
    "import": _import,
    "package": _package,
    "preview": _preview,
    "confirm": _confirm,
    "drop": _drop,
    "run": _run,
}
