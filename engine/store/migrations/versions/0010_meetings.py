"""Packages that one township hands over to another."""

import sqlalchemy as sa
from alembic import op

from engine.store import tables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover_package",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("contents", tables.Document, nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("from_unit", sa.String(64), nullable=True),
        sa.Column("to_unit", sa.String(64), nullable=True),
        sa.Column("at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_handover_package_case_id_case")),
        sa.ForeignKeyConstraint(["from_unit"], ["unit.id"], name=op.f("fk_handover_package_from_unit_unit")),
        sa.ForeignKeyConstraint(["to_unit"], ["unit.id"], name=op.f("fk_handover_package_to_unit_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_package")),
        sa.UniqueConstraint("number", name=op.f("uq_handover_package_number")),
    )
    op.create_index(op.f("ix_handover_package_case_id"), "handover_package", ["case_id"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
