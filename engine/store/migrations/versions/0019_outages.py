"""The times in which the system stood."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("begin_at", Instant, nullable=False),
        sa.Column("end_at", Instant, nullable=False),
        sa.Column("unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_outage_unit_id_unit")),
        sa.Column("unit_path", sa.String(400), nullable=False),
        sa.Column("what", sa.String(100), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("by_clock", sa.Boolean(), nullable=False),
        sa.Column("entered_at", Instant, nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
        sa.Column("entered_by_name", sa.String(60), nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.Column("withdrawn_by", sa.String(64)),
        sa.Column("withdrawn_by_name", sa.String(60)),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("finished_at", Instant),
    )


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
