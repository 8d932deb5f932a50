"""Periodic declarations of households in receipt."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0012_1"
down_revision = "0013.1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_declaration_case_id_case"), nullable=False),
        sa.Column(
            "benefit_id",
            sa.Integer,
            sa.ForeignKey("benefit.id", name="fk_declaration_benefit_id_benefit"),
            nullable=False,
        ),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("said_at", Instant),
        sa.Column("said_by", sa.String(20)),
        sa.Column("changes", sa.String(60), nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("material", sa.Boolean),
        sa.Column("result", sa.String(40), nullable=False),
        sa.Column("closed_at", Instant),
        sa.UniqueConstraint("case_id", name="uq_declaration_case_id"),
    )
    op.create_index("ix_declaration_benefit_id", "declaration", ["benefit_id"])
    op.create_index("ix_declaration_state_month", "declaration", ["state", "month"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
