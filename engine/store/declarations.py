"""Table of 定期申报: each time a household in receipt was asked, what it said, and what came of it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.store.tables import Instant, metadata

declaration = Table(
    "declaration",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, unique=True),
    Column("benefit_id", Integer, ForeignKey("benefit.id"), nullable=False, index=True),
    Column("month", String(7), nullable=False),  # in which it fell due
    Column("state", String(12), nullable=False),  # 待申报, 已申报, 已上门, 已办结
    Column("opened_at", Instant, nullable=False),
    Column("said_at", Instant),
    Column("said_by", String(20)),  # 本人, 委托代理人, 村（社区）上门
    Column("changes", String(60), nullable=False, default=""),  # 财产、收入 …
    Column("hint", Text, nullable=False, default=""),
    Column("material", Boolean),  # empty: not looked at yet
    Column("result", String(40), nullable=False, default=""),
    Column("closed_at", Instant),
    Index("ix_declaration_state_month", "state", "month"),
)
