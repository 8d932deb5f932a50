"""First passwords that have to be changed, and what was done with each account."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("initial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "account_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "account_id",
            sa.String(64),
            sa.ForeignKey("account.id", name="fk_account_event_account_id_account"),
            nullable=False,
        ),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("by_name", sa.String(60), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
    )
    op.create_index("ix_account_event_account_id", "account_event", ["account_id"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
