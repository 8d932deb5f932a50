"""Tables of draws with what they drew, findings, complaints, and reporters, who are kept apart from their cases."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from engine.store.tables import Document, Instant, metadata

draw = Table(
    "draw",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # 档案审查, 新增抽查, 年度入户, 近亲属入户
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("unit_path", String(400), nullable=False, index=True),
    Column("period", String(7), nullable=False),  # the month of confirmation, or the year
    Column("size", Integer, nullable=False),  # households of the population
    Column("drawn", Integer, nullable=False),
    Column("seed", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("document", Document, nullable=False),  # engine/supervision/draw.py: all that a second run needs
    Column("at", Instant, nullable=False),
)

seed_commitment = Table(  # the checksum of a seed, published before it draws: nobody can shop for a draw
    "seed_commitment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("unit_path", String(400), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("period", String(7), nullable=False),
    Column("seed", String(64), nullable=False),  # shown when it has drawn
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the seed, shown at once
    Column("at", Instant, nullable=False),
    Column("draw_id", Integer, ForeignKey("draw.id")),  # which it has drawn
    Index("ix_seed_commitment_unit_kind", "unit_id", "kind", "period"),
)

draw_item = Table(
    "draw_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draw_id", Integer, ForeignKey("draw.id"), nullable=False, index=True),
    Column("benefit_id", Integer, ForeignKey("benefit.id"), nullable=False, index=True),
    Column("inspectors", Document, nullable=False),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),  # the township
    Column("result", String(20)),  # empty: not looked at yet
    Column("done_on", Date),
    UniqueConstraint("draw_id", "benefit_id"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),  # in which it was found
    Column("draw_item_id", Integer, ForeignKey("draw_item.id")),
    Column("source", String(20), nullable=False),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("unit_path", String(400), nullable=False, index=True),
    Column("class", String(20), nullable=False),  # 容错 class of S2-48
    Column("remedy", String(20), nullable=False),  # 变更确认决定, 限期整改, 提醒
    Column("text", Text, nullable=False),
    Column("about_number", String(60), nullable=False, default=""),
    Column("status", String(12), nullable=False),  # 待整改, 已整改
    Column("at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_finding_at", "at", "unit_path"),
)

complaint = Table(
    "complaint",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, unique=True),
    Column("named", Boolean, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject", String(100), nullable=False, default=""),  # whom it is about, as reported
    Column("about_number", String(60), nullable=False, default=""),  # the case that it is about
    Column("level", String(10), nullable=False, default=""),  # 乡镇, 县级, 市级, 无上级
    Column("accused_unit_id", String(64)),
    Column("outcome", String(60)),
    Column("at", Instant, nullable=False),
    Column("told_at", Instant),
)

complaint_reporter = Table(  # never in the case file: only those who take complaints at its unit read it (E-33)
    "complaint_reporter",
    metadata,
    Column("case_id", Integer, ForeignKey("case.id"), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("phone", String(30), nullable=False, default=""),
    Column("address", String(200), nullable=False, default=""),
    Column("at", Instant, nullable=False),
)
