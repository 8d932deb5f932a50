"""`jiuzhu lint PATH… [--json]`: what the gate says about files and folders; exit 1 when it would refuse them."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from engine.bpmn.deployment import PROCESS_FILES, read_folder
from engine.bpmn.lint import Finding, Known, lint

ENDINGS = (*PROCESS_FILES, ".form")


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="流程、决策表、表单文件或文件夹")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: Namespace, known: Known) -> int:
    """Print the findings about the paths; 1 when one is an error, 2 when a path can't be read, else 0."""
    missing = [path for path in args.paths if not path.exists()]
    if missing:
        print(f"找不到 {missing[0]}，请核对路径", file=sys.stderr)
        return 2
    findings = check(args.paths, known)
    if args.json:
        print(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=1))
    else:
        print("\n".join(map(_line, findings)) or "没有发现问题")
    return 1 if any(finding.is_error for finding in findings) else 0


def check(paths: Iterable[Path], known: Known) -> list[Finding]:
    """Findings about the files at `paths`, each looked at within the whole set that it belongs to."""
    asked: dict[str, None] = {}
    files: dict[str, bytes] = {}
    for path in paths:
        root = root_of(path.resolve())
        if root is not None:
            files.update({_shown(root / name): content for name, content in read_folder(root).items()})
        for file in _files(path.resolve()):
            files[_shown(file)] = file.read_bytes()
            asked[_shown(file)] = None
    return [finding for finding in lint(files, known=known) if finding.path in asked]


def root_of(path: Path) -> Path | None:
    """The nearest folder above (or at) `path` that holds processes/ and forms/definitions/, as a checkout does."""
    for folder in (path, *path.parents):
        if (folder / "processes").is_dir() and (folder / "forms" / "definitions").is_dir():
            return folder
    return None


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix in ENDINGS and "node_modules" not in file.parts)


def _shown(file: Path) -> str:
    """Relative to where the command was given, if it lies below."""
    return file.relative_to(Path.cwd()).as_posix() if file.is_relative_to(Path.cwd()) else file.as_posix()


def _line(finding: Finding) -> str:
    kind = "错误" if finding.is_error else "提醒"
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return f"{place} {kind} {finding.where} [{finding.rule}] {finding.message}。{finding.hint}"
