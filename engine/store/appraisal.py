"""Tables of 民主评议: the representatives of each village, and each round with whom it drew and what they said."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from engine.store.tables import Instant, metadata

representative = Table(  # nobody is taken out: who leaves gets a last day
    "representative",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("village_id", String(64), ForeignKey("unit.id"), nullable=False, index=True),
    Column("account_id", String(64), ForeignKey("account.id"), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("phone", String(30), nullable=False, default=""),
    Column("kind", String(20), nullable=False),  # 村（居）民代表, 党员代表, 村（居）两委成员
    Column("since", Date, nullable=False),
    Column("until", Date),  # the last day
    Column("reason", String(200), nullable=False, default=""),  # why it ended
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    UniqueConstraint("village_id", "account_id", "since"),
)

appraisal = Table(  # one round of votes on one household
    "appraisal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("draw_id", Integer, ForeignKey("draw.id"), nullable=False, unique=True),
    Column("round", Integer, nullable=False),
    Column("village_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("quorum", Boolean),  # empty: still open
    Column("opinion", String(20)),
)

appraisal_seat = Table(
    "appraisal_seat",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("appraisal_id", Integer, ForeignKey("appraisal.id"), nullable=False),
    Column("representative_id", Integer, ForeignKey("representative.id"), nullable=False, index=True),
    Column("state", String(12), nullable=False),  # 待表决, 已表决, 已回避, 未表决
    Column("truth", String(12)),  # 真实, 不真实, 弃权
    Column("objectivity", String(12)),  # 客观, 不客观, 弃权
    Column("remark", Text),  # to the vote, or why the seat was given up
    Column("at", Instant),
    UniqueConstraint("appraisal_id", "representative_id"),
)
