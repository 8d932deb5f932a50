"""Tables of rosters, bank files, differences, monthly statistics, fund plans and recoveries; amounts are whole 分."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from engine.store.tables import Document, Instant, metadata

payment_batch = Table(  # 花名册: one a case, month and category, frozen with a digest of its lines
    "payment_batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("unit_path", String(400), nullable=False),
    Column("month", String(7), nullable=False),  # the month that is paid for
    Column("category", String(60), nullable=False),
    Column("households", Integer, nullable=False),
    Column("persons", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("version", Integer, nullable=False),  # 1, and one more each time differences have corrected it
    Column("frozen_at", Instant, nullable=False),
    Column("signed_at", Instant),
    Column("signed_by", String(64)),
    Column("signed_by_name", String(60)),
    Column("signed_digest", String(64)),  # what was signed
    Column("status", String(12), nullable=False),  # 待签, 已签, 已上报, 已拨付, 已办结
    Index("ix_payment_batch_unit_month", "unit_path", "month"),
    UniqueConstraint("case_id", "category"),
)

payment_line = Table(
    "payment_line",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("payment_batch.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(20), nullable=False),  # 救助金, 补发, or the name of a top-up
    Column("benefit_number", String(60), nullable=False, index=True),
    Column("item", String(60), nullable=False),
    Column("holder_name", String(60), nullable=False),
    Column("holder_id_no", String(20), nullable=False),
    Column("village_id", String(64)),
    Column("persons", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("payee_name", String(60), nullable=False),
    Column("payee_id_no", String(20), nullable=False),
    Column("bank", String(120), nullable=False),
    Column("account", String(40), nullable=False),
    Column("reason", String(300), nullable=False),  # why it differs from last month
    Column("status", String(8), nullable=False),  # 待发, 不发, 已发, 失败
    Column("result", String(200), nullable=False, default=""),  # why it isn't paid
    Column("paid_on", Date),
    UniqueConstraint("batch_id", "seq"),
    Index("ix_payment_line_batch_status", "batch_id", "status"),
)

payment_difference = Table(  # 核对差异: each explained by a person before the roster goes on (D30)
    "payment_difference",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # 漏列, 多列, 金额不符, 账户不符 … see engine/payments/compare.py
    Column("benefit_number", String(60), nullable=False),
    Column("line_id", Integer, ForeignKey("payment_line.id")),
    Column("holder_name", String(60), nullable=False),
    Column("roster", String(300), nullable=False),
    Column("system", String(300), nullable=False),
    Column("given", Document, nullable=False),  # what the system says, to correct the line by
    Column("status", String(8), nullable=False),  # 待说明, 已说明, 已更正
    Column("handling", String(20), nullable=False, default=""),
    Column("explanation", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
    Column("explained_at", Instant),
    Column("explained_by", String(64)),
    Column("explained_by_name", String(60)),
)

bank_file = Table(  # 报盘: what the bank is asked to pay; each further one pays again what failed before
    "bank_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("month", String(7), nullable=False),
    Column("round", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("returned_at", Instant),
    Column("return_sha256", String(64)),
    Column("paid_lines", Integer, nullable=False, default=0),
    Column("paid_amount", BigInteger, nullable=False, default=0),
    UniqueConstraint("case_id", "round"),
)

bank_line = Table(
    "bank_line",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file_id", Integer, ForeignKey("bank_file.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("line_id", Integer, ForeignKey("payment_line.id"), nullable=False, index=True),
    Column("payee_name", String(60), nullable=False),
    Column("payee_id_no", String(20), nullable=False),
    Column("bank", String(120), nullable=False),
    Column("account", String(40), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("result", String(8), nullable=False, default=""),  # 成功, 失败
    Column("reason", String(200), nullable=False, default=""),
    Column("paid_on", Date),
    UniqueConstraint("file_id", "seq"),
)

bank_return = Table(  # every file that was handed in, taken or refused
    "bank_return",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("file_id", Integer, ForeignKey("bank_file.id")),
    Column("sha256", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("status", String(8), nullable=False),  # 接受, 退回
    Column("problems", Document, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(60), nullable=False),
)

monthly_statistics = Table(  # 《城乡低保、特困供养资金和临时救助发放统计表》
    "monthly_statistics",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, unique=True),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("unit_path", String(400), nullable=False),
    Column("month", String(7), nullable=False),
    Column("rows", Document, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("built_at", Instant, nullable=False),
    Column("sealed_at", Instant),
    Column("sealed_by_name", String(60)),
    Column("filed_at", Instant),
    Column("status", String(8), nullable=False),  # 草稿, 已签章, 已备案
    Index("ix_monthly_statistics_unit_month", "unit_path", "month"),
)

recovery = Table(  # 多发追回 (E-09)
    "recovery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, unique=True),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("unit_path", String(400), nullable=False, index=True),
    Column("benefit_number", String(60), nullable=False),
    Column("name", String(60), nullable=False),
    Column("months", String(200), nullable=False),
    Column("cause", String(200), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("repaid", Integer, nullable=False, default=0),
    Column("status", String(8), nullable=False),  # 追回中, 已结清, 已核销
    Column("at", Instant, nullable=False),
)

recovery_instalment = Table(
    "recovery_instalment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recovery_id", Integer, ForeignKey("recovery.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("month", String(7), nullable=False),  # when it is due
    Column("amount", Integer, nullable=False),
    Column("paid_on", Date),
    Column("receipt", String(60), nullable=False, default=""),
    Column("by_name", String(60), nullable=False, default=""),
    UniqueConstraint("recovery_id", "seq"),
)
