"""Packages handed over between townships: a list of contents and a checksum over it (S0-39)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from engine.store.tables import Document, Instant, metadata

package = Table(
    "handover_package",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("contents", Document, nullable=False),  # [{"kind", "id", "name", "sha256"}], forms first, then files
    Column("checksum", String(64), nullable=False),  # sha256 over the list
    Column("from_unit", String(64), ForeignKey("unit.id")),
    Column("to_unit", String(64), ForeignKey("unit.id")),
    Column("at", Instant, nullable=False),
)
