"""`jiuzhu account`: the first administrator's account, and a way back in for who has forgotten the password."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine import cases
from engine.cases import Step
from engine.clock.days import day_of
from engine.commands.common import OPERATOR, now, open_runtime, store_arguments
from engine.people import accounts, staffing
from engine.people.passwords import first_password
from engine.people.staffing import Area, StaffingRefused, Wanted

ADMINISTRATOR = "administrator"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`open ID NAME UNIT [--role ROLE]`, `reset ID`."""
    store_arguments(parser)
    acts = parser.add_subparsers(dest="act", required=True, metavar="操作")
    opening = acts.add_parser("open", help="开通一个账号并登记岗位，缺省为系统管理员；其余账号由系统管理员在网页上开通")
    resetting = acts.add_parser("reset", help="重置一个账号的密码")
    for each in (opening, resetting):
        each.add_argument("account", metavar="登录名")
        each.add_argument("--db", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        each.add_argument("--root", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    opening.add_argument("name", metavar="姓名")
    opening.add_argument("unit", metavar="单位编号", help="见 processes/places")
    opening.add_argument("--role", default=ADMINISTRATOR, metavar="角色", help="见 processes/policy/roles.toml")


def run(args: argparse.Namespace) -> int:
    """Do it and print the first password once; `PeopleError` says why not."""
    first = first_password()
    with cases.step(open_runtime(args), OPERATOR, now()) as this:
        area = Area(this.session, this.runtime.units, this.runtime.scope.roles, OPERATOR, day_of(this.now))
        if args.act == "open":
            _check(this, args)
            accounts.add(this.session, args.account, args.name, first.stored, initial=True)
            staffing.note(area, args.account, "开通账号", this.now)
            staffing.grant(area, args.account, Wanted(args.name, args.unit, args.role), this.now)
        else:
            accounts.hand_out(this.session, args.account, first)
            staffing.note(area, args.account, "重置密码", this.now)
    print(f"登录名 {args.account}，初始密码 {first.password}，第一次登录时要换成自己的密码")
    return 0


def _check(this: Step, args: argparse.Namespace) -> None:
    unit, role = this.runtime.units.get(args.unit), this.runtime.scope.roles.get(args.role)
    if unit.kind not in role.kinds:
        raise StaffingRefused(f"{unit.name}没有“{role.name}”这个岗位，请换一个单位或者角色。")
