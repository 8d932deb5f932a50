"""Lists of low-income families for departments, and what they offer."""

import sqlalchemy as sa
from alembic import op

from engine.store import tables

revision = "0014"
down_revision = "0012_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "low_income_push",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(64), nullable=False),
        sa.Column("county_path", sa.String(400), nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("per", sa.String(4), nullable=False),
        sa.Column("columns", tables.Document, nullable=False),
        sa.Column("offers", tables.Document, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("sent_at", tables.Instant(), nullable=True),
        sa.Column("received_at", tables.Instant(), nullable=True),
        sa.Column("answered_at", tables.Instant(), nullable=True),
        sa.Column("liaison", sa.String(60), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_low_income_push_case_id_case")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_low_income_push_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_low_income_push")),
        sa.UniqueConstraint("case_id", "unit_id", name=op.f("uq_low_income_push_case_id_unit_id")),
    )
    op.create_index("ix_low_income_push_county_path", "low_income_push", ["county_path"])
    op.create_index("ix_low_income_push_unit", "low_income_push", ["unit_id", "state"])
    op.create_table(
        "low_income_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("push_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("cells", tables.Document, nullable=False),
        sa.Column("offer", sa.String(60), nullable=True),
        sa.Column("note", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(
            ["push_id"], ["low_income_push.id"], name=op.f("fk_low_income_line_push_id_low_income_push")
        ),
        sa.ForeignKeyConstraint(["benefit_id"], ["benefit.id"], name=op.f("fk_low_income_line_benefit_id_benefit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_low_income_line")),
        sa.UniqueConstraint("push_id", "seq", name=op.f("uq_low_income_line_push_id_seq")),
    )
    op.create_index("ix_low_income_line_benefit_id", "low_income_line", ["benefit_id"])


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
