"""`jiuzhu deploy`, `migrate`, `backup`, `restore`, `verify`: the operator's day."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine import cases
from engine.bpmn.deployment import DeploymentRefused, read_folder
from engine.cases import Runtime, deploy, gate, history
from engine.commands.common import OPERATOR, now, open_runtime, store_arguments, url
from engine.people import load
from engine.store import backup
from engine.store.database import open_store


def deploy_arguments(parser: argparse.ArgumentParser) -> None:
    store_arguments(parser)
    parser.add_argument("--note", default="", help="说明这次改了什么")


def run_deploy(args: argparse.Namespace) -> int:
    runtime = open_runtime(args)
    print(deploy_folder(runtime, args.root, args.note))
    return 0


def deploy_folder(runtime: Runtime, root: Path, note: str = "") -> str:
    """Load the units, pass the gate, deploy; a sentence saying what was done."""
    files = read_folder(root)
    with cases.step(runtime, OPERATOR, now()) as this:
        load.load_places(this.session, root / "processes" / "places")
        runtime.refresh(this.session)
        findings = gate.check(this, files)
        for finding in findings:
            if not finding.is_error:
                print(finding, file=sys.stderr)
        if any(finding.is_error for finding in findings):
            raise DeploymentRefused(findings)
        done = deploy.deploy(this, files, note)
    return f"已部署第 {done.number} 版（{done.id[:12]}）" if done.new else f"没有变化，仍是第 {done.number} 版"


def run_migrate(args: argparse.Namespace) -> int:
    open_runtime(args).store.close()
    print("数据库已是最新结构")
    return 0


def run_verify(args: argparse.Namespace) -> int:
    runtime = open_runtime(args)
    with runtime.store.transaction(write=False) as session:
        broken = list(history.verify(session))
    for each in broken:
        print(f"办件 {each.case_number} 的办理经过第 {each.seq} 行：{each.reason}", file=sys.stderr)
    print("办理经过完整，没有被改动" if not broken else f"{len(broken)} 件办件的办理经过不完整")
    return 1 if broken else 0


def backup_arguments(parser: argparse.ArgumentParser) -> None:
    """`jiuzhu backup FILE`."""
    store_arguments(parser)
    parser.add_argument("file", type=Path, help="写到哪个文件（.zip）")


def run_backup(args: argparse.Namespace) -> int:
    """Write the whole database into one file."""
    if args.file.exists():
        print(f"{args.file} 已经存在，请换一个文件名", file=sys.stderr)
        return 1
    rows = backup.write(open_runtime(args).store, args.file, now())
    print(f"已备份 {sum(rows.values())} 行到 {args.file}，其中办件 {rows['case']} 件")
    return 0


def run_restore(args: argparse.Namespace) -> int:
    """Fill an empty database from a backup, then check the history."""
    store = open_store(url(args))
    try:
        rows = backup.restore(store, args.file)
    except backup.BackupUnusable as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        store.close()
    print(f"已恢复 {sum(rows.values())} 行，其中办件 {rows['case']} 件")
    return run_verify(args)
