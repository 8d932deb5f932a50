"""What was reported to the provincial system for 高龄津贴, and what it answered (S3-07)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from engine.store.tables import Document, Instant, metadata

province_message = Table(
    "province_message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),  # our own number for it: the same at every attempt
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False),
    Column("kind", String(8), nullable=False),  # 新增, 调档, 停发, 死亡, 撤回
    Column("version", Integer, nullable=False),  # goes up when what is reported has changed
    Column("content", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", String(16), nullable=False),  # waiting, sending, sent, failed
    Column("asked", Integer, nullable=False),  # how many times the diagram had it sent
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Instant),  # of a waiting one, the next attempt; of one being sent, when its sender is given up
    Column("sent_at", Instant),
    Column("inquire_at", Instant),  # when to ask for its answer; empty once it is final
    Column("inquiries", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("province_number", String(60)),
    Column("answered", String(8)),  # 受理, 退回, 同意, 不同意: the newest that counts
    Column("answered_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("case_id", "kind", "version"),
    Index("ix_province_message_next", "status", "next_at"),
    Index("ix_province_message_inquire", "inquire_at"),
)

province_answer = Table(
    "province_answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False, unique=True),  # the province's number for it
    Column("message_id", Integer, ForeignKey("province_message.id"), index=True),  # empty: about nothing we sent
    Column("kind", String(8), nullable=False),
    Column("content", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("way", String(8), nullable=False),  # 回调, 查询, 补录
    Column("status", String(8), nullable=False),  # used, late, conflict, unknown
    Column("repeats", Integer, nullable=False, default=0),
    Column("received_at", Instant, nullable=False),
    Index("ix_province_answer_status", "status", "received_at"),
)
