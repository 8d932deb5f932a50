"""Tables of persons, households, benefits with their changes, mandates and near relatives; amounts are whole 分."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from engine.store.tables import Document, Instant, metadata

person = Table(  # one person, one record
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("id_no", String(20), unique=True),  # empty: has none yet
    Column("no_id_reason", String(200)),
    Column("name", String(60), nullable=False, index=True),
    Column("sex", String(4)),
    Column("birth", Date),
    Column("phone", String(30)),
    Column("died_on", Date),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

household = Table(
    "household",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("head_person_id", Integer, ForeignKey("person.id"), nullable=False, index=True),
    Column("unit_id", String(64), ForeignKey("unit.id"), index=True),  # the township of its 户籍
    Column("unit_path", String(400), index=True),
    Column("village_id", String(64), ForeignKey("unit.id"), index=True),
    Column("address", String(300)),
    Column("since", Date, nullable=False),
    Column("until", Date),
)

household_member = Table(
    "household_member",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("household_id", Integer, ForeignKey("household.id"), nullable=False, index=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False, index=True),
    Column("relation", String(40)),  # to the head, in words
    Column("co_living", Boolean, nullable=False, default=True),
    Column("since", Date, nullable=False),
    Column("until", Date),  # the last day
    Column("reason", String(200)),  # why it ended
    UniqueConstraint("household_id", "person_id", "since"),
)

benefit = Table(  # what a household or person receives; the row says how it stands after its last change
    "benefit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("household_id", Integer, ForeignKey("household.id"), nullable=False, index=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False, index=True),  # the holder
    Column("item", String(60), nullable=False),
    Column("category", String(60), nullable=False),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),  # the confirming township
    Column("unit_path", String(400), nullable=False),
    Column("village_id", String(64), ForeignKey("unit.id"), index=True),
    Column("mode", String(8), nullable=False, default="下放"),  # 本级, 下放, 委托: power.toml
    Column("persons", Integer, nullable=False),
    Column("amount", Integer, nullable=False),  # 分 a month, supplement included
    Column("supplement", Integer, nullable=False, default=0),  # 分类施保 in it
    Column("standard", Integer),  # 分 a person and month
    Column("method", String(20)),  # 补差, 分档
    Column("start_month", String(7), nullable=False),  # 2026-04: the first month it is due for
    Column("end_month", String(7)),  # the last one, once it is to end
    Column("valid_to", Date),
    Column("status", String(8), nullable=False),  # 在享, 暂停, 渐退, 终止
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("confirmed_on", Date, nullable=False),
    Column("payee_name", String(60)),
    Column("payee_id_no", String(20)),
    Column("bank", String(120)),
    Column("account", String(40)),
    Column("near_relative", Boolean, nullable=False, default=False),
    Column("next_review_on", Date),
    Index("ix_benefit_unit_item", "unit_path", "item", "status"),
    Index("ix_benefit_person_status", "person_id", "status"),
    UniqueConstraint("case_id", "item", "person_id"),
)

benefit_change = Table(  # never changed: a wrong one is followed by another
    "benefit_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("benefit_id", Integer, ForeignKey("benefit.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # 新增 增发 减发 停发 暂停 恢复 渐退 账户变更 迁移
    Column("month", String(7), nullable=False),  # the first month that is paid so
    Column("batch_month", String(7), nullable=False),  # the roster that first carries it
    Column("before", Integer, nullable=False),  # 分 a month
    Column("after", Integer, nullable=False),
    Column("persons_before", Integer, nullable=False),
    Column("persons_after", Integer, nullable=False),
    Column("status_after", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("case_id", Integer, ForeignKey("case.id"), index=True),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(60), nullable=False),
    Index("ix_benefit_change_batch_month", "batch_month", "kind"),
)

calculation = Table(  # how an amount came about, line by line; the last of a case counts until it is settled
    "calculation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("benefit_id", Integer, ForeignKey("benefit.id"), index=True),  # empty: given once
    Column("change_id", Integer, ForeignKey("benefit_change.id"), unique=True),  # what it explains
    Column("at", Instant, nullable=False),
    Column("lines", Document, nullable=False),  # [{item, kind, formula, amount in 分, basis}]
    Column("settled_at", Instant),  # empty: counted, and nothing is paid by it yet
    Column("amount", Integer),  # 分, as it was decided
)

mandate = Table(
    "mandate",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False, index=True),  # who gives it
    Column("agent_name", String(60), nullable=False),
    Column("agent_id_no", String(20)),
    Column("agent_phone", String(30)),
    Column("relation", String(60)),
    Column("scope", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("valid_to", Date),
    Column("revoked_at", Instant),
    UniqueConstraint("case_id", "agent_name"),
)

near_relative = Table(  # filed singly: a member of the household is kin to whoever handles cases or leads the village
    "near_relative",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, unique=True),
    Column("member", String(60), nullable=False),
    Column("relation", String(40), nullable=False),
    Column("relative", String(60), nullable=False),
    Column("duty", String(120), nullable=False),
    Column("avoidance", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_name", String(60), nullable=False),
)
