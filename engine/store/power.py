"""Table of the open cases that move when the power to confirm moves: who handed over what, and who took it (S2-41)."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from engine.store.tables import Instant, metadata

power_item = Table(  # one line of a list of handover
    "power_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False),  # the handover
    Column("moved_id", Integer, ForeignKey("case.id"), nullable=False, index=True),  # the case that moves
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),  # the township whose case it is
    Column("from_unit", String(64), ForeignKey("unit.id"), nullable=False),  # who has confirmed until now
    Column("to_unit", String(64), ForeignKey("unit.id"), nullable=False),
    Column("reached", Boolean, nullable=False),  # it stands at the decision already
    Column("step", String(200), nullable=False),  # what is open, in words
    Column("due_at", Instant),
    Column("files", Integer, nullable=False),  # forms and attachments of its file
    Column("stays", Boolean, nullable=False, default=False),  # finished by whoever has it
    Column("received_at", Instant),
    Column("received_by", String(60)),
    UniqueConstraint("case_id", "moved_id"),
    Index("ix_power_item_unit", "case_id", "unit_id"),
)
