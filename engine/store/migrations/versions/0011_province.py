"""What is reported to the provincial system, and what it answers."""

import sqlalchemy as sa
from alembic import op

from engine.store import tables

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "province_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", tables.Document, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", tables.Instant(), nullable=True),
        sa.Column("sent_at", tables.Instant(), nullable=True),
        sa.Column("inquire_at", tables.Instant(), nullable=True),
        sa.Column("inquiries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("province_number", sa.String(60), nullable=True),
        sa.Column("answered", sa.String(8), nullable=True),
        sa.Column("answered_at", tables.Instant(), nullable=True),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_province_message_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_message")),
        sa.UniqueConstraint("key", name=op.f("uq_province_message_key")),
        sa.UniqueConstraint("case_id", "kind", "version", name=op.f("uq_province_message_case_id_kind_version")),
    )
    op.create_index("ix_province_message_next", "province_message", ["status", "next_at"])
    op.create_index("ix_province_message_inquire", "province_message", ["inquire_at"])
    op.create_table(
        "province_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("content", tables.Document, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("received_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["province_message.id"], name=op.f("fk_province_answer_message_id_province_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_answer")),
        sa.UniqueConstraint("key", name=op.f("uq_province_answer_key")),
    )
    op.create_index(op.f("ix_province_answer_message_id"), "province_answer", ["message_id"])
    op.create_index("ix_province_answer_status", "province_answer", ["status", "received_at"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
