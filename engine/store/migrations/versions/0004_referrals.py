"""Tasks and forms of one of several instances; referrals to departments and their ledger."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("instance", sa.String(32)))
    op.add_column("submission", sa.Column("instance", sa.String(32)))
    _referral()


def _referral() -> None:
    moments = ("sent_at", "received_at", "concluded_at", "interim_at", "result_at", "told_at")
    op.create_table(
        "referral",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_referral_case_id_case"), nullable=False),
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("item", sa.String(120), nullable=False),
        sa.Column("grouped", sa.String(8), nullable=False),
        sa.Column("unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_referral_unit_id_unit")),
        sa.Column("unit_path", sa.String(400)),
        sa.Column("window_path", sa.String(400)),
        sa.Column("instance", sa.String(32)),
        sa.Column("number", sa.String(60)),
        sa.Column("liaison", sa.String(60)),
        sa.Column("clerk", sa.String(60)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("bounces", sa.Integer, nullable=False),
        sa.Column("result", sa.String(60)),
        sa.Column("said", sa.Text),
        sa.Column("told_how", sa.String(60)),
        sa.Column("note", sa.Text),
        sa.Column("at", Instant, nullable=False),
        *(sa.Column(name, Instant) for name in moments),
        sa.UniqueConstraint("case_id", "item_id", name="uq_referral_case_id_item_id"),
    )
    op.create_index("ix_referral_unit_path", "referral", ["unit_path"])
    op.create_index("ix_referral_window_path", "referral", ["window_path"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
