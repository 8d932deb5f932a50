"""Cases that start and tell other cases, and cases that the clock starts."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Document, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # said in SQL: on SQLite the reference can only come with its column
    op.execute(
        'ALTER TABLE "case" ADD COLUMN parent_id INTEGER CONSTRAINT fk_case_parent_id_case REFERENCES "case" (id)'
    )
    op.create_index("ix_case_parent_id", "case", ["parent_id"])
    op.create_table(
        "relay",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("from_id", sa.Integer, sa.ForeignKey("case.id", name="fk_relay_from_id_case")),
        sa.Column("from_name", sa.String(120), nullable=False),
        sa.Column("procedure", sa.String(80)),
        sa.Column("node_id", sa.String(120)),
        sa.Column("to_id", sa.Integer, sa.ForeignKey("case.id", name="fk_relay_to_id_case")),
        sa.Column("message", sa.String(120)),
        sa.Column("content", Document, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("key", name="uq_relay_key"),
    )
    op.create_index("ix_relay_from_id", "relay", ["from_id"])
    op.create_index("ix_relay_next", "relay", ["status", "next_at"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
