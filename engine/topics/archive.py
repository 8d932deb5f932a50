"""归档: is the file complete? The list stands in policy/archive.toml (S2-37, domain 5.13)."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.store import tables
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

POLICY = "processes/policy/archive.toml"


@topic("archive.check", provides=("归档缺件",), parameters=("outcome",))
def check(work: Work) -> dict[str, Any]:
    """Names of what is still missing, joined by 、; an empty text when the file is complete."""
    move = work.move
    policy = tomllib.loads(move.deployment.files[POLICY].decode())
    session, case_id = move.step.session, move.case["id"]
    forms = set(move.file())
    papers = set(session.execute(select(tables.paper.c.kind).where(tables.paper.c.case_id == case_id)).scalars())
    files = set(
        session.execute(select(tables.attachment.c.field).where(tables.attachment.c.case_id == case_id)).scalars()
    )
    outcome = work.parameter("outcome") or str(work.facts.get("办理结果") or "")
    missing = [
        row["name"]
        for row in policy["item"]
        if outcome in row.get("outcomes", [outcome])
        and not (
            forms & set(row.get("forms", ()))
            or papers & set(row.get("papers", ()))
            or files & set(row.get("fields", ()))
        )
    ]
    return {"归档缺件": "、".join(missing)}
