"""Persons, households, benefits in force and their changes, mandates."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("id_no", sa.String(length=20), nullable=True),
        sa.Column("no_id_reason", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sex", sa.String(length=4), nullable=True),
        sa.Column("birth", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("updated_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("id_no", name=op.f("uq_person_id_no")),
    )
    op.create_index(op.f("ix_person_name"), "person", ["name"], unique=False)
    op.create_table(
        "household",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("head_person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("unit_path", sa.String(length=400), nullable=True),
        sa.Column("village_id", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["head_person_id"], ["person.id"], name=op.f("fk_household_head_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_household_unit_id_unit")),
        sa.ForeignKeyConstraint(["village_id"], ["unit.id"], name=op.f("fk_household_village_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("number", name=op.f("uq_household_number")),
    )
    op.create_index(op.f("ix_household_head_person_id"), "household", ["head_person_id"], unique=False)
    op.create_index(op.f("ix_household_unit_id"), "household", ["unit_id"], unique=False)
    op.create_index(op.f("ix_household_unit_path"), "household", ["unit_path"], unique=False)
    op.create_index(op.f("ix_household_village_id"), "household", ["village_id"], unique=False)
    op.create_table(
        "benefit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("unit_path", sa.String(length=400), nullable=False),
        sa.Column("village_id", sa.String(length=64), nullable=True),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("supplement", sa.Integer(), nullable=False),
        sa.Column("standard", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=True),
        sa.Column("start_month", sa.String(length=7), nullable=False),
        sa.Column("end_month", sa.String(length=7), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("payee_name", sa.String(length=60), nullable=True),
        sa.Column("payee_id_no", sa.String(length=20), nullable=True),
        sa.Column("bank", sa.String(length=120), nullable=True),
        sa.Column("account", sa.String(length=40), nullable=True),
        sa.Column("near_relative", sa.Boolean(), nullable=False),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_benefit_case_id_case")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_benefit_household_id_household")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_benefit_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_benefit_unit_id_unit")),
        sa.ForeignKeyConstraint(["village_id"], ["unit.id"], name=op.f("fk_benefit_village_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit")),
        sa.UniqueConstraint("case_id", "item", "person_id", name=op.f("uq_benefit_case_id_item_person_id")),
        sa.UniqueConstraint("number", name=op.f("uq_benefit_number")),
    )
    op.create_index(op.f("ix_benefit_case_id"), "benefit", ["case_id"], unique=False)
    op.create_index(op.f("ix_benefit_household_id"), "benefit", ["household_id"], unique=False)
    op.create_index(op.f("ix_benefit_person_id"), "benefit", ["person_id"], unique=False)
    op.create_index("ix_benefit_person_status", "benefit", ["person_id", "status"], unique=False)
    op.create_index("ix_benefit_unit_item", "benefit", ["unit_path", "item", "status"], unique=False)
    op.create_index(op.f("ix_benefit_village_id"), "benefit", ["village_id"], unique=False)
    op.create_table(
        "household_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=True),
        sa.Column("co_living", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_member_household_id_household")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_household_member_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_member")),
        sa.UniqueConstraint(
            "household_id", "person_id", "since", name=op.f("uq_household_member_household_id_person_id_since")
        ),
    )
    op.create_index(op.f("ix_household_member_household_id"), "household_member", ["household_id"], unique=False)
    op.create_index(op.f("ix_household_member_person_id"), "household_member", ["person_id"], unique=False)
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agent_name", sa.String(length=60), nullable=False),
        sa.Column("agent_id_no", sa.String(length=20), nullable=True),
        sa.Column("agent_phone", sa.String(length=30), nullable=True),
        sa.Column("relation", sa.String(length=60), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("revoked_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_mandate_case_id_case")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mandate_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("case_id", "agent_name", name=op.f("uq_mandate_case_id_agent_name")),
    )
    op.create_index(op.f("ix_mandate_case_id"), "mandate", ["case_id"], unique=False)
    op.create_index(op.f("ix_mandate_person_id"), "mandate", ["person_id"], unique=False)
    op.create_table(
        "benefit_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("batch_month", sa.String(length=7), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("persons_before", sa.Integer(), nullable=False),
        sa.Column("persons_after", sa.Integer(), nullable=False),
        sa.Column("status_after", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["benefit_id"], ["benefit.id"], name=op.f("fk_benefit_change_benefit_id_benefit")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_benefit_change_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_change")),
    )
    op.create_index("ix_benefit_change_batch_month", "benefit_change", ["batch_month", "kind"], unique=False)
    op.create_index(op.f("ix_benefit_change_benefit_id"), "benefit_change", ["benefit_id"], unique=False)
    op.create_index(op.f("ix_benefit_change_case_id"), "benefit_change", ["case_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")
