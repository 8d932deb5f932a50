"""Rosters, what was paid, differences, bank files and statistics, within the money that the actor's roles may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.payments import bank
from engine.payments.statistics import ONCE
from engine.people.actor import Actor
from engine.people.scope import Scope
from engine.registers.amounts import yuan
from engine.store import payments, registers

B, L, D, S = payments.payment_batch, payments.payment_line, payments.payment_difference, payments.monthly_statistics
REPORTED = ("已上报", "已拨付", "已办结")  # what has left the township
LINE_HEADINGS = {
    "seq": "序号",
    "village": "村（社区）",
    "benefit_number": "待遇编号",
    "holder_name": "姓名",
    "holder_id_no": "身份证号",
    "persons": "人数",
    "kind": "项目",
    "yuan": "金额（元）",
    "payee_name": "收款人",
    "payee_id_no": "收款人身份证号",
    "bank": "开户银行",
    "account": "银行账号",
    "status": "状态",
    "reason": "变动说明",
    "result": "未发原因",
}


@dataclass(frozen=True)
class Batches:
    """One page of rosters, newest month first, and the statistics of the month asked for."""

    rows: list[dict[str, Any]]
    statistics: list[dict[str, Any]]
    months: list[str]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class BatchPage:
    """One roster: its head, one page of its lines, its differences and what went to the bank."""

    batch: Mapping[str, Any]
    unit_name: str
    lines: list[dict[str, Any]]
    counts: Mapping[str, int]  # how many lines of each status
    total: int
    page: int
    pages: int
    differences: list[dict[str, Any]]
    files: list[dict[str, Any]]
    may_open_case: bool


@dataclass(frozen=True)
class Paid:
    """One month of a family's money: what for, how much, and where it stands."""

    month: str
    kind: str
    category: str
    yuan: str
    status: str
    result: str
    paid_on: Any


def may_look(scope: Scope, actor: Actor) -> bool:
    """Whether the menu shows rosters to this actor."""
    return any(scope.roles.get(post.role).money for post in actor.posts)


def batches(this: Step, *, month: str = "", page: int = 1, size: int = 25) -> Batches:
    """Rosters in the actor's sight, of a month or all."""
    seen = _seen(this, B)
    months = list(this.session.execute(select(B.c.month).where(seen).distinct().order_by(B.c.month.desc())).scalars())
    query = select(B).where(seen)
    if month:
        query = query.where(B.c.month == month)
    total, page, pages = _paged(this, query, page, size)
    query = query.order_by(B.c.month.desc(), B.c.unit_path, B.c.id.desc()).limit(size).offset((page - 1) * size)
    rows = [_head(this, {**row}) for row in this.session.execute(query).mappings()]
    return Batches(rows, _statistics(this, month or (months[0] if months else "")), months, total, page, pages)


def batch(this: Step, batch_id: int, *, status: str = "", search: str = "", page: int = 1, size: int = 50) -> BatchPage:
    """One roster, its lines by status or by name and number; `CaseNotFound` outside of the actor's sight."""
    head = _visible(this, batch_id)
    query = select(L).where(L.c.batch_id == batch_id)
    if status:
        query = query.where(L.c.status == status)
    if search:
        named = (L.c.holder_name, L.c.payee_name, L.c.benefit_number, L.c.holder_id_no)
        query = query.where(or_(*(column.contains(search, autoescape=True) for column in named)))
    total, page, pages = _paged(this, query, page, size)
    found = this.session.execute(query.order_by(L.c.seq).limit(size).offset((page - 1) * size)).mappings()
    counted = select(L.c.status, func.count().label("n")).where(L.c.batch_id == batch_id).group_by(L.c.status)
    finance = all(role.money != "all" for role in _money_roles(this))
    return BatchPage(
        batch=_head(this, head),
        unit_name=_unit_name(this, head["unit_id"]),
        lines=[_line(this, {**row}) for row in found],
        counts={row.status: row.n for row in this.session.execute(counted)},
        total=total,
        page=page,
        pages=pages,
        differences=[] if finance else _differences(this, batch_id, head["case_id"]),
        files=_files(this, head["case_id"]),
        may_open_case=not finance,
    )


def whole(this: Step, batch_id: int) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """The head and every line of a roster, for a file."""
    head = _visible(this, batch_id)
    found = this.session.execute(select(L).where(L.c.batch_id == batch_id).order_by(L.c.seq)).mappings()
    return {**head, "unit_name": _unit_name(this, head["unit_id"])}, [_line(this, {**row}) for row in found]


def bank_file(this: Step, file_id: int) -> tuple[Mapping[str, Any], list[dict[str, str]]]:
    """A bank file and its lines by heading; `CaseNotFound` outside of the actor's sight."""
    f = payments.bank_file
    row = this.session.execute(select(f).where(f.c.id == file_id)).mappings().one_or_none()
    mine = select(B.c.id).where(B.c.case_id == (row["case_id"] if row else 0), _seen(this, B)).limit(1)
    if row is None or this.session.execute(mine).one_or_none() is None:
        raise CaseNotFound
    return {**row}, [bank.cells({**row}, line) for line in bank.lines(this.session, file_id)]


def statistics_table(this: Step, table_id: int) -> dict[str, Any]:
    """A table of statistics; `CaseNotFound` outside of the actor's sight."""
    row = this.session.execute(select(S).where(S.c.id == table_id, _seen(this, S))).mappings().one_or_none()
    if row is None:
        raise CaseNotFound
    return {**row, "unit_name": _unit_name(this, row["unit_id"])}


def paid_to(this: Step, case_id: int, *, only_paid: bool = False) -> list[Paid]:
    """What was paid for the benefits that a case granted, month by month, and what it gave once; newest first. The case
    is the actor's."""
    b = registers.benefit
    query = (
        select(L, B.c.month, B.c.category)
        .join(B, B.c.id == L.c.batch_id)
        .outerjoin(b, b.c.number == L.c.benefit_number)
        .where(or_(b.c.case_id == case_id, and_(B.c.case_id == case_id, L.c.item == ONCE)))
        .order_by(B.c.month.desc(), L.c.id)
    )
    if only_paid:
        query = query.where(L.c.status == "已发")
    return [_paid({**row}) for row in this.session.execute(query).mappings()]


def _paid(row: Mapping[str, Any]) -> Paid:
    said = (row["status"], row["result"], row["paid_on"])
    return Paid(row["month"], row["kind"], row["category"], yuan(row["amount"]), *said)


def _money_roles(this: Step) -> list[Any]:
    roles = this.runtime.scope.roles
    return [role for post in this.actor.posts if (role := roles.get(post.role)).money]


def _seen(this: Step, table: Any) -> ColumnElement[bool]:
    """Condition on a table with unit_id and unit_path: the townships whose money the actor's posts may see."""
    conditions = [found for post in this.actor.posts if (found := _of_post(this, post, table)) is not None]
    return or_(*conditions) if conditions else false()


def _of_post(this: Step, post: Any, table: Any) -> ColumnElement[bool] | None:
    role = this.runtime.scope.roles.get(post.role)
    if not role.money:
        return None
    if role.money == "reported":
        unit = this.runtime.units.find(post.unit_id)
        above = this.runtime.units.find(unit.parent_id) if unit else None
        within = table.c.unit_path.startswith(above.path if above else post.unit_path, autoescape=True)
        return and_(within, table.c.status.in_(REPORTED)) if table is B else false()
    if role.rows == "unit":
        return and_(table.c.unit_id == post.unit_id)
    path = post.unit_path
    if role.rows == "area":
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return and_(table.c.unit_path.startswith(path, autoescape=True))


def _visible(this: Step, batch_id: int) -> dict[str, Any]:
    row = this.session.execute(select(B).where(B.c.id == batch_id, _seen(this, B))).mappings().one_or_none()
    if row is None:
        raise CaseNotFound
    return {**row}


def _paged(this: Step, query: Select[Any], page: int, size: int) -> tuple[int, int, int]:
    total = int(this.session.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    pages = max(1, -(-total // size))
    return total, min(max(1, page), pages), pages


def _unit_name(this: Step, unit_id: str | None) -> str:
    unit = this.runtime.units.find(unit_id)
    return unit.name if unit else ""


def _head(this: Step, row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "unit_name": _unit_name(this, row["unit_id"]), "yuan": yuan(row["amount"])}


def _line(this: Step, row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "village": _unit_name(this, row["village_id"]), "yuan": yuan(row["amount"])}


def _differences(this: Step, batch_id: int, case_id: int) -> list[dict[str, Any]]:
    mine = select(L.c.benefit_number).where(L.c.batch_id == batch_id)
    others = select(L.c.benefit_number).join(B, B.c.id == L.c.batch_id).where(B.c.case_id == case_id)
    query = select(D).where(
        D.c.case_id == case_id, or_(D.c.benefit_number.in_(mine), D.c.benefit_number.not_in(others))
    )
    return [{**row} for row in this.session.execute(query.order_by(D.c.id)).mappings()]


def _files(this: Step, case_id: int) -> list[dict[str, Any]]:
    f, r = payments.bank_file, payments.bank_return
    made = select(f).where(f.c.case_id == case_id).order_by(f.c.id)
    files = [{**row} for row in this.session.execute(made).mappings()]
    taken = select(r).where(r.c.case_id == case_id).order_by(r.c.id)
    returns = [{**row} for row in this.session.execute(taken).mappings()]
    return [
        {
            **file,
            "yuan": yuan(file["amount"]),
            "paid_yuan": yuan(file["paid_amount"]),
            "returns": [row for row in returns if row["file_id"] == file["id"]],
        }
        for file in files
    ]


def _statistics(this: Step, month: str) -> list[dict[str, Any]]:
    query = select(S).where(_seen(this, S), S.c.month == month).order_by(S.c.unit_path, S.c.id)
    return [_head(this, {**row}) for row in this.session.execute(query).mappings()]
