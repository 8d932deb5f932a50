"""Draws with what they drew, findings, complaints, and reporters kept apart."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Document, Instant

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_draw_case_id_case"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_draw_unit_id_unit"), nullable=False),
        sa.Column("unit_path", sa.String(400), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("drawn", sa.Integer, nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("document", Document, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.UniqueConstraint("number", name="uq_draw_number"),
    )
    op.create_index("ix_draw_case_id", "draw", ["case_id"])
    op.create_index("ix_draw_unit_path", "draw", ["unit_path"])
    op.create_table(
        "draw_item",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("draw_id", sa.Integer, sa.ForeignKey("draw.id", name="fk_draw_item_draw_id_draw"), nullable=False),
        sa.Column(
            "benefit_id",
            sa.Integer,
            sa.ForeignKey("benefit.id", name="fk_draw_item_benefit_id_benefit"),
            nullable=False,
        ),
        sa.Column("inspectors", Document, nullable=False),
        sa.Column("unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_draw_item_unit_id_unit"), nullable=False),
        sa.Column("result", sa.String(20)),
        sa.Column("done_on", sa.Date),
        sa.UniqueConstraint("draw_id", "benefit_id", name="uq_draw_item_draw_id_benefit_id"),
    )
    op.create_index("ix_draw_item_benefit_id", "draw_item", ["benefit_id"])
    op.create_index("ix_draw_item_draw_id", "draw_item", ["draw_id"])
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_finding_case_id_case"), nullable=False),
        sa.Column("draw_item_id", sa.Integer, sa.ForeignKey("draw_item.id", name="fk_finding_draw_item_id_draw_item")),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("unit_id", sa.String(64), sa.ForeignKey("unit.id", name="fk_finding_unit_id_unit"), nullable=False),
        sa.Column("unit_path", sa.String(400), nullable=False),
        sa.Column("class", sa.String(20), nullable=False),
        sa.Column("remedy", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("about_number", sa.String(60), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
        sa.UniqueConstraint("number", name="uq_finding_number"),
    )
    op.create_index("ix_finding_at", "finding", ["at", "unit_path"])
    op.create_index("ix_finding_case_id", "finding", ["case_id"])
    op.create_index("ix_finding_unit_path", "finding", ["unit_path"])
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_complaint_case_id_case"), nullable=False),
        sa.Column("named", sa.Boolean, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("accused_unit_id", sa.String(64)),
        sa.Column("handler", sa.String(64)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("at", Instant, nullable=False),
        sa.Column("told_at", Instant),
        sa.UniqueConstraint("case_id", name="uq_complaint_case_id"),
    )
    op.create_table(
        "complaint_reporter",
        sa.Column(
            "case_id", sa.Integer, sa.ForeignKey("case.id", name="fk_complaint_reporter_case_id_case"), primary_key=True
        ),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
