"""Rosters, payment batches and lines, reconciliation, monthly statistics."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Document, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_batch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column(
            "case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_payment_batch_case_id_case"), nullable=False
        ),
        sa.Column(
            "unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_payment_batch_unit_id_unit"), nullable=False
        ),
        sa.Column("unit_path", sa.String(400), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("households", sa.Integer, nullable=False),
        sa.Column("persons", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("frozen_at", Instant, nullable=False),
        sa.Column("signed_at", Instant),
        sa.Column("signed_by", sa.String(64)),
        sa.Column("signed_by_name", sa.String(60)),
        sa.Column("signed_digest", sa.String(64)),
        sa.Column("status", sa.String(12), nullable=False),
        sa.UniqueConstraint("case_id", "category", name="uq_payment_batch_case_id_category"),
        sa.UniqueConstraint("number", name="uq_payment_batch_number"),
    )
    op.create_index("ix_payment_batch_case_id", "payment_batch", ["case_id"])
    op.create_index("ix_payment_batch_unit_month", "payment_batch", ["unit_path", "month"])
    op.create_table(
        "payment_line",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "batch_id",
            sa.Integer,
            sa.ForeignKey("payment_batch.id", name="fk_payment_line_batch_id_payment_batch"),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("benefit_number", sa.String(60), nullable=False),
        sa.Column("item", sa.String(60), nullable=False),
        sa.Column("holder_name", sa.String(60), nullable=False),
        sa.Column("holder_id_no", sa.String(20), nullable=False),
        sa.Column("village_id", sa.String(64)),
        sa.Column("persons", sa.Integer, nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("payee_name", sa.String(60), nullable=False),
        sa.Column("payee_id_no", sa.String(20), nullable=False),
        sa.Column("bank", sa.String(120), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("result", sa.String(200), nullable=False),
        sa.Column("paid_on", sa.Date),
        sa.UniqueConstraint("batch_id", "seq", name="uq_payment_line_batch_id_seq"),
    )
    op.create_index("ix_payment_line_batch_status", "payment_line", ["batch_id", "status"])
    op.create_index("ix_payment_line_benefit_number", "payment_line", ["benefit_number"])
    op.create_table(
        "payment_difference",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_payment_difference_case_id_case"), nullable=False
        ),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("benefit_number", sa.String(60), nullable=False),
        sa.Column(
            "line_id", sa.Integer, sa.ForeignKey("payment_line.id", name="fk_payment_difference_line_id_payment_line")
        ),
        sa.Column("holder_name", sa.String(60), nullable=False),
        sa.Column("roster", sa.String(300), nullable=False),
        sa.Column("system", sa.String(300), nullable=False),
        sa.Column("given", Document, nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("handling", sa.String(20), nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("explained_at", Instant),
        sa.Column("explained_by", sa.String(64)),
        sa.Column("explained_by_name", sa.String(60)),
    )
    op.create_index("ix_payment_difference_case_id", "payment_difference", ["case_id"])
    op.create_table(
        "bank_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_bank_file_case_id_case"), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("returned_at", Instant),
        sa.Column("return_sha256", sa.String(64)),
        sa.Column("paid_lines", sa.Integer, nullable=False),
        sa.Column("paid_amount", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("case_id", "round", name="uq_bank_file_case_id_round"),
        sa.UniqueConstraint("number", name="uq_bank_file_number"),
    )
    op.create_index("ix_bank_file_case_id", "bank_file", ["case_id"])
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "file_id", sa.Integer, sa.ForeignKey("bank_file.id", name="fk_bank_line_file_id_bank_file"), nullable=False
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column(
            "line_id",
            sa.Integer,
            sa.ForeignKey("payment_line.id", name="fk_bank_line_line_id_payment_line"),
            nullable=False,
        ),
        sa.Column("payee_name", sa.String(60), nullable=False),
        sa.Column("payee_id_no", sa.String(20), nullable=False),
        sa.Column("bank", sa.String(120), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("result", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("paid_on", sa.Date),
        sa.UniqueConstraint("file_id", "seq", name="uq_bank_line_file_id_seq"),
    )
    op.create_index("ix_bank_line_line_id", "bank_line", ["line_id"])
    op.create_table(
        "bank_return",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_bank_return_case_id_case"), nullable=False),
        sa.Column("file_id", sa.Integer, sa.ForeignKey("bank_file.id", name="fk_bank_return_file_id_bank_file")),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("problems", Document, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("by_name", sa.String(60), nullable=False),
    )
    op.create_index("ix_bank_return_case_id", "bank_return", ["case_id"])
    op.create_table(
        "monthly_statistics",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_monthly_statistics_case_id_case"), nullable=False
        ),
        sa.Column(
            "unit_id",
            sa.String(64),
            sa.ForeignKey("unit.id", name="fk_monthly_statistics_unit_id_unit"),
            nullable=False,
        ),
        sa.Column("unit_path", sa.String(400), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("rows", Document, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("built_at", Instant, nullable=False),
        sa.Column("sealed_at", Instant),
        sa.Column("sealed_by_name", sa.String(60)),
        sa.Column("filed_at", Instant),
        sa.Column("status", sa.String(8), nullable=False),
        sa.UniqueConstraint("case_id", name="uq_monthly_statistics_case_id"),
    )
    op.create_index("ix_monthly_statistics_unit_month", "monthly_statistics", ["unit_path", "month"])
    op.create_table(
        "recovery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_recovery_case_id_case"), nullable=False),
        sa.Column("unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_recovery_unit_id_unit"), nullable=False),
        sa.Column("unit_path", sa.String(400), nullable=False),
        sa.Column("benefit_number", sa.String(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("months", sa.String(200), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("repaid", sa.Integer, nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.UniqueConstraint("case_id", name="uq_recovery_case_id"),
        sa.UniqueConstraint("number", name="uq_recovery_number"),
    )
    op.create_index("ix_recovery_unit_path", "recovery", ["unit_path"])
    op.create_table(
        "recovery_instalment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "recovery_id",
            sa.Integer,
            sa.ForeignKey("recovery.id", name="fk_recovery_instalment_recovery_id_recovery"),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("paid_on", sa.Date),
        sa.Column("receipt", sa.String(60), nullable=False),
        sa.Column("by_name", sa.String(60), nullable=False),
        sa.UniqueConstraint("recovery_id", "seq", name="uq_recovery_instalment_recovery_id_seq"),
    )


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
