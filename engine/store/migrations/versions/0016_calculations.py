"""How the amounts of benefits came about, line by line."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Document, Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calculation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "case_id", sa.Integer(), sa.ForeignKey("case.id", name="fk_calculation_case_id_case"), nullable=False
        ),
        sa.Column("benefit_id", sa.Integer(), sa.ForeignKey("benefit.id", name="fk_calculation_benefit_id_benefit")),
        sa.Column(
            "change_id",
            sa.Integer(),
            sa.ForeignKey("benefit_change.id", name="fk_calculation_change_id_benefit_change"),
        ),
        sa.Column("at", Instant, nullable=False),
        sa.Column("lines", Document, nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("amount", sa.Integer()),
        sa.UniqueConstraint("change_id", name="uq_calculation_change_id"),
    )
    op.create_index("ix_calculation_case_id", "calculation", ["case_id"])
    op.create_index("ix_calculation_benefit_id", "calculation", ["benefit_id"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
