"""Clock and board: ledgers and lights on cases and tasks, pauses, calendar notices, acts, views, deliveries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Document, Instant

ONLY_OPEN: Any = {"postgresql_where": sa.text("status = 'open'"), "sqlite_where": sa.text("status = 'open'")}

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create()
    _widen()
    _fill()


def downgrade() -> None:
    raise NotImplementedError("older versions are restored from a backup")


def _fill() -> None:
    """What older rows can be told from their case."""
    case = sa.table("case", *map(sa.column, ("id", "procedure", "unit_path")))
    for name in ("task", "deadline"):
        table = sa.table(name, *map(sa.column, ("case_id", "procedure", "unit_path")))
        of_case = case.c.id == table.c.case_id
        op.execute(
            sa.update(table).values(
                procedure=sa.select(case.c.procedure).where(of_case).scalar_subquery(),
                unit_path=sa.select(case.c.unit_path).where(of_case).scalar_subquery(),
            )
        )


def _create() -> None:
    op.create_table(
        "calendar_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("days", Document, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("imported_by", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_notice"),
        sa.UniqueConstraint("sha256", name="uq_calendar_notice_sha256"),
    )
    op.create_table(
        "calendar_version",
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("notices", Document, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_calendar_version"),
    )
    op.create_table(
        "view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("query", Document, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["account.id"], name="fk_view_owner_account"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_view_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_view"),
        sa.UniqueConstraint("owner", "page", "name", name="uq_view_owner_page_name"),
    )
    op.create_index("ix_view_owner", "view", ["owner"], unique=False)
    op.create_index("ix_view_unit_id", "view", ["unit_id"], unique=False)
    op.create_table(
        "act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=True),
        sa.Column("deadline_id", sa.String(length=160), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("unit_path", sa.String(length=400), nullable=True),
        sa.Column("told", Document, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("by_unit_id", sa.String(length=64), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_at", Instant(), nullable=True),
        sa.Column("replied_by", sa.String(length=64), nullable=True),
        sa.Column("replied_by_name", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_act_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_act"),
        sa.UniqueConstraint("deadline_id", "rung", name="uq_act_deadline_id_rung"),
        sa.UniqueConstraint("number", name="uq_act_number"),
    )
    op.create_index("ix_act_at", "act", ["at"], unique=False)
    op.create_index("ix_act_case_id", "act", ["case_id"], unique=False)
    op.create_index("ix_act_task_id", "act", ["task_id"], unique=False)
    op.create_index("ix_act_unit_path", "act", ["unit_path"], unique=False)
    op.create_table(
        "calendar_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("deadline_id", sa.String(length=160), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_path", sa.String(length=400), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("before", Instant(), nullable=True),
        sa.Column("after", Instant(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_calendar_move_case_id_case"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["calendar_notice.id"], name="fk_calendar_move_notice_id_calendar_notice"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_move"),
        sa.UniqueConstraint("notice_id", "deadline_id", name="uq_calendar_move_notice_id_deadline_id"),
    )
    op.create_index("ix_calendar_move_case_id", "calendar_move", ["case_id"], unique=False)
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("node_id", sa.String(length=120), nullable=False),
        sa.Column("process_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token_id", sa.String(length=160), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("limit_text", sa.String(length=60), nullable=False),
        sa.Column("begin_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Boolean(), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("unit_path", sa.String(length=400), nullable=True),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_pause_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_pause"),
        sa.UniqueConstraint("token_id", name="uq_pause_token_id"),
    )
    op.create_index("ix_pause_begin_at", "pause", ["begin_at"], unique=False)
    op.create_index("ix_pause_case_id", "pause", ["case_id"], unique=False)
    op.create_index("ix_pause_unit_path", "pause", ["unit_path"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_delivery_outbox_id_outbox"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("key", name="uq_delivery_key"),
        sa.UniqueConstraint("outbox_id", "channel", "address", name="uq_delivery_outbox_id_channel_address"),
    )
    op.create_index("ix_delivery_next", "delivery", ["channel", "status", "next_at"], unique=False)
    op.create_table(
        "message_read",
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_message_read_outbox_id_outbox"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_message_read_account_id_account"),
        sa.PrimaryKeyConstraint("outbox_id", "account_id", name="pk_message_read"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )
    op.create_index("ix_outbox_post", "outbox", ["to_unit", "to_role", "created_at"], unique=False)
    op.create_index("ix_outbox_account", "outbox", ["to_account", "created_at"], unique=False)


def _widen() -> None:
    op.add_column("case", sa.Column("due_at", Instant(), nullable=True))
    op.add_column("case", sa.Column("yellow_at", Instant(), nullable=True))
    op.add_column("case", sa.Column("red_at", Instant(), nullable=True))
    op.add_column("case", sa.Column("provisional", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("case", sa.Column("earliest", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("latest", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("step_due_at", Instant(), nullable=True))
    op.add_column("case", sa.Column("step_yellow_at", Instant(), nullable=True))
    op.add_column("case", sa.Column("step_red_at", Instant(), nullable=True))
    op.add_column("case", sa.Column("step_provisional", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("case", sa.Column("paused_by", sa.String(length=40), nullable=True))
    op.add_column("case", sa.Column("paused_until", Instant(), nullable=True))
    op.add_column("case", sa.Column("started_on", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("late", sa.Boolean(), nullable=True))
    lights = ["red_at", "yellow_at", "due_at"]
    marks = ["step_red_at", "paused_until", "provisional", "late"]
    op.create_index("ix_case_board", "case", ["unit_id", "procedure", *lights, *marks], unique=False, **ONLY_OPEN)
    op.create_index("ix_case_red", "case", ["red_at", "unit_id", "procedure"], unique=False, **ONLY_OPEN)
    op.create_index("ix_case_yellow", "case", ["yellow_at", "unit_id", "procedure"], unique=False, **ONLY_OPEN)
    op.create_index("ix_case_closed_on", "case", ["closed_on", "unit_id", "procedure", "late"], unique=False)
    op.add_column("deadline", sa.Column("master", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("deadline", sa.Column("region", sa.String(length=12), nullable=True))
    op.add_column("deadline", sa.Column("unit_id", sa.String(length=64), nullable=True))
    op.add_column("deadline", sa.Column("unit_path", sa.String(length=400), nullable=True))
    op.add_column("deadline", sa.Column("procedure", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("deadline", sa.Column("rung", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deadline", sa.Column("next_act_at", Instant(), nullable=True))
    op.create_index("ix_deadline_act", "deadline", ["next_act_at"], unique=False)
    op.create_index("ix_deadline_calendar", "deadline", ["status", "calendar_version"], unique=False)
    op.add_column("task", sa.Column("earliest", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("latest", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("procedure", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("task", sa.Column("unit_path", sa.String(length=400), nullable=True))
    op.add_column("task", sa.Column("created_on", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("workdays", sa.Integer(), nullable=True))
    op.add_column("task", sa.Column("late", sa.Boolean(), nullable=True))
    node = ["procedure", "process_id", "node_id"]
    op.create_index("ix_task_board", "task", [*node, "created_on", "unit_path", *lights], unique=False, **ONLY_OPEN)
    op.create_index("ix_task_closed_on", "task", ["closed_on", "unit_path", *node, "workdays", "late"], unique=False)
