"""The ledger 受理、转办、办理结果登记表: a row for each item of an application for help (S1-50, domain 5.14)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from engine.store.tables import Instant, metadata

referral = Table(
    "referral",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False),
    Column("item_id", String(40), nullable=False),
    Column("item", String(120), nullable=False),
    Column("grouped", String(8), nullable=False),  # 1, 8, N
    Column("unit_id", String(64), ForeignKey("unit.id")),  # 承办单位
    Column("unit_path", String(400), index=True),
    Column("window_path", String(400), index=True),  # of the window that received
    Column("instance", String(32)),  # of the activity that handles it
    Column("number", String(60)),  # of the 转办单 or 转介单
    Column("liaison", String(60)),
    Column("clerk", String(60)),
    Column("state", String(20), nullable=False),
    Column("bounces", Integer, nullable=False, default=0),
    Column("result", String(60)),
    Column("said", Text),  # what was last fed back
    Column("told_how", String(60)),
    Column("note", Text),
    Column("at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("received_at", Instant),
    Column("concluded_at", Instant),
    Column("interim_at", Instant),
    Column("result_at", Instant),
    Column("told_at", Instant),
    UniqueConstraint("case_id", "item_id"),
)
