"""Lists of the cases that move with the power to confirm."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "power_item",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id", name="fk_power_item_case_id_case"), nullable=False),
        sa.Column(
            "moved_id", sa.Integer(), sa.ForeignKey("case.id", name="fk_power_item_moved_id_case"), nullable=False
        ),
        sa.Column(
            "unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_power_item_unit_id_unit"), nullable=False
        ),
        sa.Column(
            "from_unit", sa.String(64), sa.ForeignKey("unit.id", name="fk_power_item_from_unit_unit"), nullable=False
        ),
        sa.Column(
            "to_unit", sa.String(64), sa.ForeignKey("unit.id", name="fk_power_item_to_unit_unit"), nullable=False
        ),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("step", sa.String(200), nullable=False),
        sa.Column("due_at", Instant),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.Column("received_at", Instant),
        sa.Column("received_by", sa.String(60)),
        sa.UniqueConstraint("case_id", "moved_id", name="uq_power_item_case_id_moved_id"),
    )
    op.create_index("ix_power_item_moved_id", "power_item", ["moved_id"])
    op.create_index("ix_power_item_unit", "power_item", ["case_id", "unit_id"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
