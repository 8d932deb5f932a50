"""Representatives of the villages, rounds of 民主评议 and the seats in them."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0012"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "representative",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "village_id",
            sa.String(64),
            sa.ForeignKey("unit.id", name="fk_representative_village_id_unit"),
            nullable=False,
        ),
        sa.Column(
            "account_id",
            sa.String(64),
            sa.ForeignKey("account.id", name="fk_representative_account_id_account"),
            nullable=False,
        ),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.UniqueConstraint("village_id", "account_id", "since", name="uq_representative_village_id_account_id_since"),
    )
    op.create_index("ix_representative_village_id", "representative", ["village_id"])
    op.create_index("ix_representative_account_id", "representative", ["account_id"])
    op.create_table(
        "appraisal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_appraisal_case_id_case"), nullable=False),
        sa.Column("draw_id", sa.Integer, sa.ForeignKey("draw.id", name="fk_appraisal_draw_id_draw"), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column(
            "village_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_appraisal_village_id_unit"), nullable=False
        ),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
        sa.Column("quorum", sa.Boolean),
        sa.Column("opinion", sa.String(20)),
        sa.UniqueConstraint("draw_id", name="uq_appraisal_draw_id"),
    )
    op.create_index("ix_appraisal_case_id", "appraisal", ["case_id"])
    op.create_table(
        "appraisal_seat",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "appraisal_id",
            sa.Integer,
            sa.ForeignKey("appraisal.id", name="fk_appraisal_seat_appraisal_id_appraisal"),
            nullable=False,
        ),
        sa.Column(
            "representative_id",
            sa.Integer,
            sa.ForeignKey("representative.id", name="fk_appraisal_seat_representative_id_representative"),
            nullable=False,
        ),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("truth", sa.String(12)),
        sa.Column("objectivity", sa.String(12)),
        sa.Column("remark", sa.Text),
        sa.Column("at", Instant),
        sa.UniqueConstraint(
            "appraisal_id", "representative_id", name="uq_appraisal_seat_appraisal_id_representative_id"
        ),
    )
    op.create_index("ix_appraisal_seat_representative_id", "appraisal_seat", ["representative_id"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
