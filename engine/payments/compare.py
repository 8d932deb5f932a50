"""The roster against what the system says: every difference is kept until a person explains it (S2-34)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine import sheets
from engine.payments import roster
from engine.registers import benefits, months
from engine.registers.amounts import yuan
from engine.sheets import Row, SheetInvalid
from engine.store import payments, registers

if TYPE_CHECKING:
    from engine.people.actor import Actor
    from engine.store.database import Session

D, B, L = payments.payment_difference, payments.payment_batch, payments.payment_line
HEADINGS = ("待遇编号", "姓名", "收款人身份证号", "银行账号", "金额", "月份")
OPTIONAL = ("序号", "救助类别", "收款人", "开户银行", "状态", "人数", "村（社区）", "项目", "说明")
BY_SYSTEM, KEPT, LEFT_OUT = "按系统数据更正", "维持花名册", "本月不发"
STOPPED = frozenset({"死亡", "暂停", "已停发", "多列", "重复"})  # by the system nothing is paid
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Stand:
    """What one side says of one benefit in the month; `amount` is 分 of all its lines."""

    benefit: str
    name: str
    payee_id_no: str
    account: str
    amount: int
    month: str
    status: str = "在享"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that isn't the same on both sides, in words."""

    kind: str
    benefit: str
    name: str
    roster: str
    system: str
    given: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The same for the same difference found again."""
        return (self.kind, self.benefit, self.roster, self.system)


def of_register(
    session: Session, unit_path: str, month: str, made: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[Stand]:
    """What the register says now: the amounts of its roster (`made`), less what has been reduced since for the month,
    and who has died or been stopped since. What has risen since is paid back by a later roster, not by this one."""
    now = {each.number: each for each in benefits.in_force(session, unit_path, month, with_suspended=True)}
    died = _died(session, now.values(), month)
    lines = [line for rows in made.values() for line in rows]
    main = {line["benefit_number"]: line["amount"] for line in lines if line["kind"] == roster.MAIN}
    stands = []
    for each in _grouped(lines, month):
        benefit = now.get(each.benefit)
        status = "已停发" if benefit is None else "死亡" if benefit.person_id in died else benefit.status
        less = max(0, main.get(each.benefit, 0) - benefit.amount) if benefit else 0
        stands.append(replace(each, amount=each.amount - less, status=status))
    return stands


def read_export(content: bytes, month: str) -> list[Stand]:
    """What the export of another system says; `SheetInvalid` names row and column of all that can't be read."""
    rows = sheets.read(content, HEADINGS, OPTIONAL)
    problems: list[str] = []
    stands = [stand for row in rows if (stand := _stand(row, month, problems)) is not None]
    if problems:
        raise SheetInvalid(sheets.shorten(problems))
    return stands


def differences(lines: Iterable[Mapping[str, Any]], system: Sequence[Stand], month: str) -> list[Difference]:
    """All differences between the lines to be paid and the system's list, by benefit."""
    ours = {each.benefit: each for each in _grouped(lines, month)}
    theirs: dict[str, list[Stand]] = defaultdict(list)
    for each in system:
        theirs[each.benefit].append(each)
    found: list[Difference] = []
    for number in sorted(ours.keys() | theirs.keys()):
        found += _of_one(ours.get(number), theirs.get(number, []), month)
    return found


def doubled(session: Session, case_id: int, lines: Sequence[Mapping[str, Any]], month: str) -> list[Difference]:
    """Who stands twice for the same kind of help: in this roster, or in another one of the same month (E-25)."""
    found: list[Difference] = []
    seen: dict[tuple[str, str], str] = {}
    for line in lines:
        if line["kind"] != roster.MAIN or line["status"] == roster.UNPAID or not line["holder_id_no"]:
            continue
        who = (line["holder_id_no"], line["item"])
        if who in seen:
            said = f"{line['holder_name']}的{line['item']}已列在 {seen[who]}"
            found.append(_difference("重复", line["benefit_number"], line["holder_name"], _money(line["amount"]), said))
        seen.setdefault(who, line["benefit_number"])
    return found + list(_elsewhere(session, case_id, lines, month))


def keep(session: Session, case_id: int, found: Sequence[Difference], at: datetime) -> list[dict[str, Any]]:
    """Keep what is new; gives those still to be explained, oldest first. What was explained stays so."""
    known = {
        (row["kind"], row["benefit_number"], row["roster"], row["system"]): row
        for row in session.execute(select(D).where(D.c.case_id == case_id).order_by(D.c.id)).mappings()
    }
    rows = [_row(case_id, each, at) for each in found if each.key not in known]
    if rows:
        session.execute(insert(D), rows)
    gone = {key for key, row in known.items() if row["status"] == "待说明"} - {each.key for each in found}
    for key in gone:  # nothing to explain any more
        session.execute(update(D).where(D.c.id == known[key]["id"]).values(status="已更正"))
    return unexplained(session, case_id)


def unexplained(session: Session, case_id: int) -> list[dict[str, Any]]:
    """Differences of a case that nobody has explained yet."""
    query = select(D).where(D.c.case_id == case_id, D.c.status == "待说明").order_by(D.c.id)
    return [{**row} for row in session.execute(query).mappings()]


def explain(session: Session, difference_id: int, handling: str, said: str, actor: Actor, at: datetime) -> None:
    """What a person says of a difference, and what is to be done."""
    columns = {"status": "已说明", "handling": handling, "explanation": said, "explained_at": at}
    by = {"explained_by": actor.account_id, "explained_by_name": actor.name}
    session.execute(update(D).where(D.c.id == difference_id).values({**columns, **by}))


def apply(session: Session, case_id: int, made: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[int, list[str]]:
    """Correct the roster by what was explained; how many were corrected, and in words what could not be."""
    query = select(D).where(D.c.case_id == case_id, D.c.status == "已说明", D.c.handling != KEPT).order_by(D.c.id)
    asked = [{**row} for row in session.execute(query).mappings()]
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in roster.of_case(session, case_id):
        lines[line["benefit_number"]].append(line)
    categories = set(session.execute(select(B.c.category).where(B.c.case_id == case_id)).scalars())
    offered = {
        number: [
            {**line, "category": category}
            for category, rows in made.items()
            for line in rows
            if line["benefit_number"] == number
        ]
        for number in {row["benefit_number"] for row in asked if row["kind"] == "漏列"}
    }
    changed: list[dict[str, Any]] = []
    added: list[dict[str, Any]] = []
    problems: list[str] = []
    for row in asked:
        mine = lines.get(row["benefit_number"], [])
        if row["kind"] == "漏列" and row["handling"] == BY_SYSTEM:
            more = [line for line in offered[row["benefit_number"]] if line["category"] in categories]
            if not more:
                problems.append(
                    f"{row['holder_name']}（{row['benefit_number']}）台账本月没有，不能补列；请先登记待遇，从下月名册列入"
                )
            added += more
        elif row["handling"] == LEFT_OUT or row["kind"] in STOPPED:
            changed += [
                {"id": line["id"], "status": roster.UNPAID, "result": f"{row['kind']}：{row['explanation']}"[:200]}
                for line in mine
            ]
        else:
            changed += _corrected(row, mine)
    done = [row["id"] for row in asked]
    if done:
        session.execute(update(D).where(D.c.id.in_(done)).values(status="已更正"))
    if changed or added:
        roster.correct(session, case_id, changed, added)
    return len(changed) + len(added), problems


def words(row: Mapping[str, Any]) -> str:
    """A difference as it stands in a task: `[12] 金额不符 刘桂英（QH…）：花名册 500.00 元；系统 450.00 元`."""
    about = f"{row['kind']} {row['holder_name']}（{row['benefit_number']}）"
    return f"[{row['id']}] {about}：花名册 {row['roster'] or '没有'}；系统 {row['system'] or '没有'}"


def _corrected(row: Mapping[str, Any], mine: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines with what the system gives: account and payee on each, the amount's difference on the main one."""
    given = row["given"]
    columns = {name: given[name] for name in ("account", "payee_id_no") if given.get(name)}
    found = [{"id": line["id"], **columns} for line in mine] if columns else []
    if "amount" in given and mine:
        main = next((line for line in mine if line["kind"] == roster.MAIN), mine[0])
        others = sum(line["amount"] for line in mine if line["id"] != main["id"] and line["status"] != roster.UNPAID)
        if given["amount"] >= others:
            found.append({"id": main["id"], "amount": given["amount"] - others, "reason": "按系统数据更正金额"})
    return found


def _of_one(ours: Stand | None, theirs: Sequence[Stand], month: str) -> Iterator[Difference]:
    if ours is None:
        first = theirs[0]
        if first.status in ("在享", "渐退", ""):
            yield _difference("漏列", first.benefit, first.name, "", _money(first.amount), amount=first.amount)
        return
    if not theirs:
        yield _difference("多列", ours.benefit, ours.name, _money(ours.amount), "")
        return
    first = theirs[0]
    if len(theirs) > 1:
        said = f"列了 {len(theirs)} 行，共{_money(sum(each.amount for each in theirs))}"
        yield _difference("重复", ours.benefit, ours.name, _money(ours.amount), said)
        return
    if first.status not in ("在享", "渐退", ""):
        kind = first.status if first.status in STOPPED else "已停发"
        yield _difference(kind, ours.benefit, ours.name, _money(ours.amount), first.status)
        return
    if first.month != month:
        yield _difference("月份不符", ours.benefit, ours.name, month, first.month)
    if first.amount != ours.amount:
        yield _difference(
            "金额不符", ours.benefit, ours.name, _money(ours.amount), _money(first.amount), amount=first.amount
        )
    if first.account != ours.account:
        yield _difference("账户不符", ours.benefit, ours.name, ours.account, first.account, account=first.account)
    if first.payee_id_no != ours.payee_id_no:
        yield _difference(
            "收款人不符", ours.benefit, ours.name, ours.payee_id_no, first.payee_id_no, payee_id_no=first.payee_id_no
        )


def _elsewhere(session: Session, case_id: int, lines: Sequence[Mapping[str, Any]], month: str) -> Iterator[Difference]:
    mine = sorted({line["benefit_number"] for line in lines if line["status"] != roster.UNPAID})
    for first in range(0, len(mine), AT_ONCE):
        query = (
            select(L.c.benefit_number, L.c.holder_name, B.c.number, L.c.amount)
            .join(B, B.c.id == L.c.batch_id)
            .where(
                *(B.c.month == month, B.c.case_id != case_id, L.c.kind == roster.MAIN, L.c.status != roster.UNPAID),
                L.c.benefit_number.in_(mine[first : first + AT_ONCE]),
            )
        )
        for row in session.execute(query.order_by(L.c.id)):
            said = f"{month} 已列入花名册 {row.number}"
            yield _difference("重复", row.benefit_number, row.holder_name, _money(row.amount), said)


def _grouped(lines: Iterable[Mapping[str, Any]], month: str) -> list[Stand]:
    """The lines to be paid, one stand a benefit."""
    found: dict[str, Stand] = {}
    for line in lines:
        if line["status"] == roster.UNPAID:
            continue
        number = line["benefit_number"]
        before = found.get(number)
        amount = line["amount"] + (before.amount if before else 0)
        found[number] = Stand(number, line["holder_name"], line["payee_id_no"], line["account"], amount, month)
    return list(found.values())


def _died(session: Session, held: Iterable[benefits.Benefit], month: str) -> set[int]:
    """Persons among the holders who died in an earlier month."""
    p, ids = registers.person, sorted({each.person_id for each in held})
    found: set[int] = set()
    for first in range(0, len(ids), AT_ONCE):
        chosen = p.c.id.in_(ids[first : first + AT_ONCE])
        query = select(p.c.id, p.c.died_on).where(p.c.died_on.is_not(None), chosen)
        found |= {row.id for row in session.execute(query) if _month(row.died_on) < month}
    return found


def _month(day: date) -> str:
    return months.month_of(day)


def _stand(row: Row, month: str, problems: list[str]) -> Stand | None:
    number, cells = row
    try:
        amount = sheets.cents(cells["金额"])
    except ValueError:
        problems.append(f"第 {number} 行「{cells['姓名']}」的金额“{cells['金额']}”不是金额，应写成 500.00 这样")
        return None
    if not cells["待遇编号"]:
        problems.append(f"第 {number} 行「{cells['姓名']}」没有待遇编号，请补上")
        return None
    return Stand(
        benefit=cells["待遇编号"],
        name=cells["姓名"],
        payee_id_no=cells["收款人身份证号"].upper(),
        account=cells["银行账号"].replace(" ", ""),
        amount=amount,
        month=cells["月份"] or month,
        status=cells.get("状态", "") or "在享",
    )


def _difference(kind: str, benefit: str, name: str, ours: str, theirs: str, **given: Any) -> Difference:
    return Difference(kind, benefit, name, ours, theirs, given)


def _row(case_id: int, each: Difference, at: datetime) -> dict[str, Any]:
    said = {name: value for name, value in asdict(each).items() if name not in ("benefit", "name")}
    about = {"benefit_number": each.benefit, "holder_name": each.name[:60], "case_id": case_id}
    return {**said, **about, "status": "待说明", "at": at}


def _money(amount: int) -> str:
    return f"{yuan(amount)}元"
