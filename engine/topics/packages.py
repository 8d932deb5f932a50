"""A case file handed over: sealed with a list and a checksum by one township, checked by the other (S0-39)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from engine.bpmn.named import split
from engine.store import tables
from engine.store.handovers import package
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

FORM, FILE = "表单", "材料"


@topic("package.seal", provides=("移交包编号", "移交校验码", "移交清单"), parameters=("places", "beside"), writes=True)
def seal(work: Work) -> dict[str, Any]:
    """List every form and file that the case has now and keep the list with its checksum.

    `places` says from whom to whom (`residence_township, hukou_township`), `beside` which forms are not part of it.
    """
    move = work.move
    contents = list(_contents(work))
    number = move.number("移交包", "移交")
    giver, _, taker = work.parameter("places").partition(",")
    row = {
        "case_id": move.case["id"],
        "number": number,
        "contents": contents,
        "checksum": checksum(contents),
        "from_unit": work.unit(giver.strip()),
        "to_unit": work.unit(taker.strip()),
        "at": move.step.now,
    }
    move.step.session.execute(insert(package).values(row))
    listed = "；".join(f"{at}. {each['name']}" for at, each in enumerate(contents, 1))
    move.record("topic", f"{work.node.name} {number}", node_id=work.node.id, details={"checksum": row["checksum"]})
    return {"移交包编号": number, "移交校验码": row["checksum"], "移交清单": listed}


@topic("package.check", provides=("移交核验", "移交差异"), parameters=("beside",), writes=True)
def check(work: Work) -> dict[str, Any]:
    """Count the newest package of the case again: `移交核验` is 一致 or 不一致, `移交差异` names what differs.

    What was changed or is gone differs; so does what came since and is not on the list, but for the forms in `beside`.
    """
    move = work.move
    query = select(package).where(package.c.case_id == move.case["id"]).order_by(package.c.id.desc()).limit(1)
    sent = move.step.session.execute(query).mappings().one_or_none()
    wrong = _differences(work, dict(sent)) if sent else ["没有收到移交包"]
    found = {"移交核验": "不一致" if wrong else "一致", "移交差异": "；".join(wrong)}
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": found["移交差异"] or "移交包核验一致"})
    return found


def checksum(contents: Sequence[Mapping[str, Any]]) -> str:
    """sha256 over a list of contents, whatever the order of keys."""
    return hashlib.sha256(json.dumps(contents, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _differences(work: Work, sent: Mapping[str, Any]) -> list[str]:
    wrong = [] if checksum(sent["contents"]) == sent["checksum"] else ["移交清单与校验码不符"]
    now = {(each["kind"], each["id"]): each for each in _contents(work)}
    for each in sent["contents"]:
        found = now.pop((each["kind"], each["id"]), None)
        if found is None or found["sha256"] != each["sha256"]:
            wrong.append(f"{each['kind']}「{each['name']}」{'缺失' if found is None else '内容不符'}")
    return wrong + [f"{each['kind']}「{each['name']}」没有列入清单" for each in now.values()]


def _contents(work: Work) -> Iterator[dict[str, Any]]:
    session, case_id = work.move.step.session, work.move.case["id"]
    s, a, c = tables.submission, tables.attachment, tables.content
    beside = split(work.parameter("beside"))
    forms = select(s.c.id, s.c.name, s.c["values"]).where(s.c.case_id == case_id, s.c.form_id.not_in(beside))
    for row in session.execute(forms.order_by(s.c.id)).mappings():
        said = json.dumps(row["values"], ensure_ascii=False, sort_keys=True, default=str).encode()
        yield {"kind": FORM, "id": row["id"], "name": row["name"], "sha256": hashlib.sha256(said).hexdigest()}
    files = select(a.c.id, a.c.name, a.c.field, c.c.body).join(c, c.c.sha256 == a.c.sha256)
    mine = (a.c.case_id == case_id, a.c.form_id.not_in(beside))
    for row in session.execute(files.where(*mine).order_by(a.c.id)).mappings():
        name = f"{row['field']}：{row['name']}"
        yield {"kind": FILE, "id": row["id"], "name": name, "sha256": hashlib.sha256(row["body"]).hexdigest()}
