"""Near relatives of those who handle cases, filed singly."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "near_relative",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "case_id", sa.Integer(), sa.ForeignKey("case.id", name="fk_near_relative_case_id_case"), nullable=False
        ),
        sa.Column("member", sa.String(60), nullable=False),
        sa.Column("relation", sa.String(40), nullable=False),
        sa.Column("relative", sa.String(60), nullable=False),
        sa.Column("duty", sa.String(120), nullable=False),
        sa.Column("avoidance", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by_name", sa.String(60), nullable=False),
        sa.UniqueConstraint("case_id", name="uq_near_relative_case_id"),
    )


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
