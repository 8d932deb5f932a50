"""The program `jiuzhu`: one table of commands, each with its own arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from engine.bpmn import layout
from engine.bpmn.errors import DiagramError
from engine.bpmn.lint import command as lint
from engine.cases import coverage, gate
from engine.cases.scenario import ScenarioError
from engine.clock.errors import ClockError
from engine.commands import account, calendar, deadline, draw, province, scenario, serve, store
from engine.commands.common import ROOT, store_arguments
from engine.people.errors import PeopleError
from engine.supervision.draw import DrawImpossible
from forms.errors import FormsError

Command = tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]
REFUSED = (DiagramError, FormsError, ClockError, PeopleError, ScenarioError, DrawImpossible, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for findings or failures, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="jiuzhu", description="社会救助流程平台")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    for name, (text, add_arguments, run) in COMMANDS.items():
        one = commands.add_parser(name, help=text, description=text)
        add_arguments(one)
        one.set_defaults(run=run)
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except REFUSED as error:
        print(error, file=sys.stderr)
        return 1


def _lint(args: argparse.Namespace) -> int:
    return lint.run(args, gate.known_at(ROOT))


COMMANDS: dict[str, Command] = {
    "serve": ("网页和期限唤醒", serve.add_arguments, serve.run),
    "lint": ("检查流程图、决策表和表单", lint.add_arguments, _lint),
    "layout": ("为流程图重新排版", layout.add_arguments, layout.run),
    "deadline": ("某个时限从某时起到哪一天", deadline.add_arguments, deadline.run),
    "calendar": ("放假通知：导入、预览、确认、重新计算在办期限", calendar.add_arguments, calendar.run),
    "scenario": ("在模拟时钟上运行带日期的例子", scenario.add_arguments, scenario.run),
    "coverage": ("文件条款与流程节点的对照", coverage.add_arguments, coverage.run),
    "draw": ("双随机抽查：按公布的种子重新抽取，核对结果", draw.add_arguments, draw.run),
    "province": ("省高龄津贴管理系统（演示用）：收报送、审批、返回结果", province.add_arguments, province.run),
    "account": ("第一个系统管理员的账号；重置密码", account.add_arguments, account.run),
    "deploy": ("部署 processes/ 和 forms/", store.deploy_arguments, store.run_deploy),
    "migrate": ("升级数据库结构", store_arguments, store.run_migrate),
    "backup": ("把整个数据库备份成一个文件", store.backup_arguments, store.run_backup),
    "restore": ("从备份文件恢复到一个空的数据库", store.backup_arguments, store.run_restore),
    "verify": ("核验办理经过没有被改动", store_arguments, store.run_verify),
}
