"""Checksums of seeds that are published before they draw."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0013.1"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seed_commitment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_seed_commitment_unit_id_unit"), nullable=False
        ),
        sa.Column("unit_path", sa.String(400), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("draw_id", sa.Integer, sa.ForeignKey("draw.id", name="fk_seed_commitment_draw_id_draw")),
        sa.UniqueConstraint("digest", name="uq_seed_commitment_digest"),
    )
    op.create_index("ix_seed_commitment_unit_path", "seed_commitment", ["unit_path"])
    op.create_index("ix_seed_commitment_unit_kind", "seed_commitment", ["unit_id", "kind", "period"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
