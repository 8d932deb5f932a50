"""Lists of low-income families that departments have received, line by line with what they offer (S1-64)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from engine.store.tables import Document, Instant, metadata

low_income_push = Table(  # one a case and department
    "low_income_push",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),  # the department
    Column("county_path", String(400), nullable=False, index=True),
    Column("scope", String(12), nullable=False),  # 月度, 新认定
    Column("per", String(4), nullable=False),  # 户, 人
    Column("columns", Document, nullable=False),  # the headings that this department may see
    Column("offers", Document, nullable=False),  # what it may answer
    Column("size", Integer, nullable=False),  # lines
    Column("households", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # of headings and lines
    Column("state", String(12), nullable=False),  # 待推送, 已推送, 已签收, 已答复
    Column("sent_at", Instant),
    Column("received_at", Instant),
    Column("answered_at", Instant),
    Column("liaison", String(60)),
    Column("said", Text),
    UniqueConstraint("case_id", "unit_id"),
    Index("ix_low_income_push_unit", "unit_id", "state"),
)

low_income_line = Table(
    "low_income_line",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("push_id", Integer, ForeignKey("low_income_push.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("benefit_id", Integer, ForeignKey("benefit.id"), nullable=False, index=True),
    Column("cells", Document, nullable=False),
    Column("offer", String(60)),
    Column("note", String(300)),
    UniqueConstraint("push_id", "seq"),
)
