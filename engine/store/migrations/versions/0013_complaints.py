"""Complaints: whom and what they are about, and at which level they were taken."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("complaint") as table:
        table.add_column(sa.Column("subject", sa.String(100), nullable=False, server_default=""))
        table.add_column(sa.Column("about_number", sa.String(60), nullable=False, server_default=""))
        table.add_column(sa.Column("level", sa.String(10), nullable=False, server_default=""))
        table.drop_column("handler")
        table.alter_column("outcome", type_=sa.String(60))


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
