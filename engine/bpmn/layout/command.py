"""Hides the command `jiuzhu layout PATH… [--check]`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.bpmn.errors import DiagramError
from engine.bpmn.layout.checks import crossings, edges_through_shapes, overlaps
from engine.bpmn.layout.pages import layout


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="BPMN 文件，或存放 BPMN 文件的文件夹")
    parser.add_argument("--check", action="store_true", help="只检查图是否为最新排版，不写文件")


def run(args: Namespace) -> int:
    """Lay out each file in place, or with --check say which are out of date; 0, or 1 if something is wrong."""
    bad = False
    for path in _files(args.paths):
        try:
            before = path.read_bytes()
            after = layout(path)
        except (DiagramError, OSError) as error:
            print(f"{path}：没有排版。{error}")
            bad = True
            continue
        if args.check:
            bad |= before != after
            print(f"{path}：{'已是最新排版' if before == after else '图与流程不一致，请运行 jiuzhu layout 重新排版'}")
        else:
            if before != after:
                path.write_bytes(after)
            print(f"{path}：{'重新排版' if before != after else '无需改动'}，{_verdict(after)}")
    return int(bad)


def _files(paths: list[Path]) -> list[Path]:
    return [file for path in paths for file in (sorted(path.rglob("*.bpmn")) if path.is_dir() else [path])]


def _verdict(xml: bytes) -> str:
    faults = len(overlaps(xml)) + len(edges_through_shapes(xml))
    return f"图形重叠或连线穿过图形 {faults} 处，连线交叉 {crossings(xml)} 处"
