"""Every table of the platform as SQLAlchemy Core metadata; times are aware UTC, documents are JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware moment: stored in UTC on both databases, always given back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time reached the store: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


ONLY_OPEN: Any = {"postgresql_where": text("status = 'open'"), "sqlite_where": text("status = 'open'")}
Document: Any = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

# --- people -------------------------------------------------------------------------------------------------------

unit = Table(
    "unit",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("kind", String(24), nullable=False),  # prefecture_ca, county_ca, township, village … (domain 2.1)
    Column("parent_id", String(64), ForeignKey("unit.id"), index=True),
    Column("region_code", String(12)),  # GB/T 2260; empty for functional zones
    Column("functional_zone", Boolean, nullable=False, default=False),
    Column("path", String(400), nullable=False, index=True),  # "/chizhou/guichi/qiupu/", for scope by prefix
    Column("contact_phone", String(40)),
    Column("complaint_phone", String(40)),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

account = Table(
    "account",
    metadata,
    Column("id", String(64), primary_key=True),  # the sign-in name
    Column("name", String(60), nullable=False),
    Column("password_hash", String(200)),
    Column("active", Boolean, nullable=False, default=True),
    Column("phone", String(30)),
    # the password was given by somebody else and has to be changed before anything else
    Column("initial", Boolean, nullable=False, default=False, server_default=false()),
)

account_event = Table(  # who opened, closed or changed an account, and what
    "account_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", String(64), ForeignKey("account.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(60), nullable=False),
    Column("text", String(300), nullable=False),
)

post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", String(64), ForeignKey("account.id"), nullable=False, index=True),
    Column("role", String(40), nullable=False),
    Column("unit_id", String(64), ForeignKey("unit.id"), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    UniqueConstraint("account_id", "role", "unit_id"),
    Index("ix_post_unit_role", "unit_id", "role"),
)

# --- deployments --------------------------------------------------------------------------------------------------

content = Table(
    "content",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

deployment = Table(
    "deployment",
    metadata,
    Column("id", String(64), primary_key=True),  # hash over the sorted list of path and content hash
    Column("number", Integer, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("note", Text),
)

deployment_file = Table(
    "deployment_file",
    metadata,
    Column("deployment_id", String(64), ForeignKey("deployment.id"), primary_key=True),
    Column("path", String(240), primary_key=True),
    Column("sha256", String(64), ForeignKey("content.sha256"), nullable=False),
)

# --- cases --------------------------------------------------------------------------------------------------------

case = Table(
    "case",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("follow_code", String(16), nullable=False),
    Column("procedure", String(80), nullable=False),
    Column("deployment_id", String(64), ForeignKey("deployment.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),  # the engine's live tokens, compressed
    Column("status", String(24), nullable=False),  # open, closed
    Column("stage", String(60), nullable=False),  # the office's word for where it stands (domain 5.17)
    Column("outcome", String(60)),  # the name of the end event that closed it
    Column("item", String(60)),
    Column("applicant_name", String(60), index=True),
    Column("applicant_id_no", String(20), index=True),
    Column("applicant_phone", String(30)),
    Column("places", Document, nullable=False),  # place name -> unit id
    Column("unit_id", String(64), ForeignKey("unit.id"), index=True),  # the unit that decides
    Column("unit_path", String(400), index=True),
    Column("suspended_by", String(160)),  # the open task that all others wait for
    Column("channel", String(20), nullable=False),
    Column("started_at", Instant, nullable=False, index=True),
    Column("started_by", String(64), nullable=False),
    Column("closed_at", Instant),
    Column("parent_id", Integer, ForeignKey("case.id"), index=True),  # the case that began it
    Column("history_count", Integer, nullable=False, default=0),
    Column("history_head", String(64), nullable=False, default=""),
    # the master clock (the limit on the whole case), and the first step to fall due: what lights are read from
    Column("due_at", Instant),
    Column("yellow_at", Instant),
    Column("red_at", Instant),
    Column("provisional", Boolean, nullable=False, default=False),
    Column("earliest", Date),
    Column("latest", Date),
    Column("step_due_at", Instant),
    Column("step_yellow_at", Instant),
    Column("step_red_at", Instant),
    Column("step_provisional", Boolean, nullable=False, default=False),
    Column("paused_by", String(40)),  # kind of the pause that stops the clock now
    Column("paused_until", Instant),  # when that pause ends by itself
    Column("started_on", Date),  # Shanghai days, to count by month
    Column("closed_on", Date),
    Column("late", Boolean),  # at its end: whether the master clock had run out
    Index("ix_case_status_started_at", "status", "started_at"),
    # for the board, which reads nothing but these
    Index(
        "ix_case_board",
        *("unit_id", "procedure", "red_at", "yellow_at", "due_at"),
        *("step_red_at", "paused_until", "provisional", "late"),
        **ONLY_OPEN,
    ),
    Index("ix_case_red", "red_at", "unit_id", "procedure", **ONLY_OPEN),
    Index("ix_case_yellow", "yellow_at", "unit_id", "procedure", **ONLY_OPEN),
    Index("ix_case_closed_on", "closed_on", "unit_id", "procedure", "late"),
)

case_unit = Table(  # which units take part in a case: the scope of everybody's search
    "case_unit",
    metadata,
    Column("case_id", Integer, ForeignKey("case.id"), primary_key=True),
    Column("unit_id", String(64), ForeignKey("unit.id"), primary_key=True, index=True),
    Column("place", String(40), primary_key=True),
    Column("unit_path", String(400), nullable=False, index=True),
)

task = Table(
    "task",
    metadata,
    Column("id", String(32), primary_key=True),  # the engine's token id
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("node_id", String(120), nullable=False),
    Column("process_id", String(120), nullable=False),
    Column("name", String(120), nullable=False),
    Column("form_id", String(120), nullable=False),
    Column("role", String(40), nullable=False),
    Column("place", String(40), nullable=False),
    Column("unit_id", String(64), ForeignKey("unit.id")),
    Column("assignee", String(64)),
    Column("claimed_at", Instant),
    Column("status", String(16), nullable=False),  # open, done, cancelled
    Column("local", Document),  # facts of its own scope (multi-instance element)
    Column("instance", String(32)),  # of a multi-instance activity: the engine's id of the one that it belongs to
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", String(64)),
    # what the inbox sorts and shows, copied so that it reads one table
    Column("due_at", Instant),
    Column("yellow_at", Instant),
    Column("red_at", Instant),
    Column("provisional", Boolean, nullable=False, default=False),
    Column("earliest", Date),
    Column("latest", Date),
    Column("case_number", String(40), nullable=False),
    Column("applicant_name", String(60)),
    Column("applicant_id_no", String(20)),
    # what the board counts
    Column("procedure", String(80), nullable=False, default=""),
    Column("unit_path", String(400)),  # of the unit that holds it; of the deciding unit while the applicant holds it
    Column("created_on", Date),  # Shanghai days
    Column("closed_on", Date),
    Column("workdays", Integer),  # working days from created_on (not counted) to closed_on
    Column("late", Boolean),  # at its end: whether its limit had passed
    Index(
        "ix_task_board",
        *("procedure", "process_id", "node_id", "created_on", "unit_path", "red_at", "yellow_at", "due_at"),
        **ONLY_OPEN,
    ),
    Index("ix_task_closed_on", "closed_on", "unit_path", "procedure", "process_id", "node_id", "workdays", "late"),
    Index("ix_task_inbox", "status", "unit_id", "role", "due_at"),
    Index("ix_task_mine", "status", "assignee", "due_at"),
)

deadline = Table(  # a waiting timer event: its budget, its ledger and what is derived from them
    "deadline",
    metadata,
    Column("id", String(160), primary_key=True),  # the engine's token id of the timer event
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("node_id", String(120), nullable=False),
    Column("process_id", String(120), nullable=False),
    Column("name", String(120), nullable=False),
    Column("task_id", String(32), index=True),  # the user task it bounds, if it bounds one
    Column("attached_to", String(120)),  # the node it bounds
    Column("limit_id", String(40)),
    Column("limit_text", String(60), nullable=False),
    Column("master", Boolean, nullable=False, default=False),  # the limit on the whole case
    Column("interrupting", Boolean, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ledger", Document, nullable=False),  # {"pauses": [...], "extensions": [...]}
    Column("region", String(12)),  # whose calendar counts
    Column("unit_id", String(64)),  # who holds what it bounds, else who decides the case
    Column("unit_path", String(400)),
    Column("procedure", String(80), nullable=False, default=""),
    Column("calendar_version", String(80), nullable=False),
    Column("due_at", Instant),
    Column("yellow_at", Instant),
    Column("red_at", Instant),
    Column("provisional", Boolean, nullable=False, default=False),
    Column("earliest", Date),
    Column("latest", Date),
    # running; overdue: it has fired and what it bounds is still open; met, late: that was done; fired; cancelled
    Column("status", String(16), nullable=False),
    Column("closed_at", Instant),
    Column("rung", Integer, nullable=False, default=0),  # how many acts of the ladder were done
    Column("next_act_at", Instant),  # when the next one is due
    Index("ix_deadline_due", "status", "due_at"),
    Index("ix_deadline_act", "next_act_at"),
    Index("ix_deadline_calendar", "status", "calendar_version"),
)

pause = Table(  # every time the clock stood
    "pause",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),  # id in policy/pauses.toml: 补正, 公示, 评议, 鉴定 …
    Column("node_id", String(120), nullable=False),
    Column("process_id", String(120), nullable=False),
    Column("name", String(120), nullable=False),
    Column("token_id", String(160), nullable=False, unique=True),
    Column("basis", String(300), nullable=False),
    Column("limit_text", String(60), nullable=False),
    Column("begin_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),  # when it ends by itself
    Column("end_at", Instant),  # when it really ended
    Column("nth", Integer, nullable=False),  # how often this kind has stopped this case, this time included
    Column("last_day", Boolean, nullable=False, default=False),  # begun on the last day of a limit that it stopped
    Column("unit_id", String(64)),
    Column("unit_path", String(400), index=True),
    Column("procedure", String(80), nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(60), nullable=False),
    Index("ix_pause_begin_at", "begin_at"),
)

outage = Table(  # every time the system stood: it moves the limits that no rule sets (E-28)
    "outage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("begin_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("unit_id", String(64), ForeignKey("unit.id")),  # where, with all below; empty: everywhere
    Column("unit_path", String(400), nullable=False, default=""),
    Column("what", String(100), nullable=False),
    Column("remark", Text, nullable=False, default=""),
    Column("by_clock", Boolean, nullable=False),  # noticed by the clock itself, not entered by somebody
    Column("entered_at", Instant, nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("entered_by_name", String(60), nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", String(64)),
    Column("withdrawn_by_name", String(60)),
    Column("reached", Integer, nullable=False, default=0),  # the last case that follows it, or its withdrawal
    Column("moved", Integer, nullable=False, default=0),  # limits that it moved
    Column("passed", Integer, nullable=False, default=0),  # those that had run out meanwhile and stay
    Column("finished_at", Instant),
)

calendar_notice = Table(  # notices on days off that came after the calendar package, and regional ones
    "calendar_notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("region", String(12), nullable=False, default=""),  # empty: the whole country
    Column("year", Integer),  # the year that it settles; empty for a change within a settled year
    Column("title", String(200), nullable=False),
    Column("number", String(80), nullable=False),
    Column("source", String(300), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("days", Document, nullable=False),  # [{"day": "2027-01-01", "works": false, "name": "元旦"}]
    Column("sha256", String(64), nullable=False, unique=True),
    Column("status", String(16), nullable=False),  # draft, confirmed, dropped
    Column("imported_at", Instant, nullable=False),
    Column("imported_by", String(64), nullable=False),
    Column("confirmed_at", Instant),
    Column("confirmed_by", String(64)),
    Column("total", Integer),  # open deadlines to derive again
    Column("done", Integer),
    Column("moved", Integer),
    Column("finished_at", Instant),
)

calendar_version = Table(  # which notices made each version: dates of the past are explained by their own calendar
    "calendar_version",
    metadata,
    Column("version", String(80), primary_key=True),
    Column("region", String(12), nullable=False, default=""),
    Column("notices", Document, nullable=False),  # ids of calendar_notice, in the order in which they apply
    Column("since", Instant, nullable=False),
)

calendar_move = Table(  # which deadlines a confirmed notice moved
    "calendar_move",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice_id", Integer, ForeignKey("calendar_notice.id"), nullable=False),
    Column("deadline_id", String(160), nullable=False),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("unit_path", String(400)),
    Column("name", String(120), nullable=False),
    Column("before", Instant),
    Column("after", Instant),
    Column("days", Integer, nullable=False),
    UniqueConstraint("notice_id", "deadline_id"),
)

act = Table(  # 提醒, 黄灯, 红灯, 督办, 催办: numbered acts beside a case
    "act",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("task_id", String(32), index=True),
    Column("deadline_id", String(160)),
    Column("rung", Integer),  # of the ladder; empty for what a person did
    Column("name", String(120), nullable=False),  # of the task or limit
    Column("unit_id", String(64)),  # whose work it is about
    Column("unit_path", String(400), index=True),
    Column("told", Document, nullable=False),  # ["township_head@qiupu", …]
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(60), nullable=False),
    Column("by_unit_id", String(64)),  # for whom that person urged
    Column("reply", Text),
    Column("replied_at", Instant),
    Column("replied_by", String(64)),
    Column("replied_by_name", String(60)),
    UniqueConstraint("deadline_id", "rung"),
    Index("ix_act_at", "at"),
)

view = Table(  # named filters of the board and of lists
    "view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("page", String(40), nullable=False),
    Column("name", String(60), nullable=False),
    Column("owner", String(64), ForeignKey("account.id"), nullable=False, index=True),
    Column("unit_id", String(64), ForeignKey("unit.id"), index=True),  # shared with this unit; empty: the owner's own
    Column("query", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("owner", "page", "name"),
)

delivery = Table(  # what goes out by SMS, WeChat, mail or to a file
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outbox_id", Integer, ForeignKey("outbox.id"), nullable=False),
    Column("channel", String(24), nullable=False),
    Column("address", String(200), nullable=False),
    Column("key", String(64), nullable=False, unique=True),  # the receiver's means to know a repetition
    Column("status", String(16), nullable=False),  # waiting, sending, sent, failed, dropped
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Instant),  # of a waiting one, the next attempt; of one being sent, when its sender is given up
    Column("sent_at", Instant),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("outbox_id", "channel", "address"),
    Index("ix_delivery_next", "channel", "status", "next_at"),
)

message_read = Table(  # who has read which message: one to a post is read by several people
    "message_read",
    metadata,
    Column("outbox_id", Integer, ForeignKey("outbox.id"), primary_key=True),
    Column("account_id", String(64), ForeignKey("account.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

heartbeat = Table(  # when each program that runs by itself was last alive
    "heartbeat",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", Instant, nullable=False),
)

submission = Table(  # every form as it was submitted; never changed
    "submission",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),  # of the browser's form: a double click is one submission
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("task_id", String(160)),  # the engine's token id of the task or message
    Column("instance", String(32)),  # as its task's
    Column("node_id", String(120), nullable=False),
    Column("name", String(120), nullable=False),
    Column("form_id", String(120), nullable=False),
    Column("form_version", String(16), nullable=False),
    Column("values", Document, nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(60), nullable=False),
    Column("for_whom", String(60)),
    Column("at", Instant, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("sha256", String(64), ForeignKey("content.sha256"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("mime", String(80), nullable=False),
    Column("size", Integer, nullable=False),
    Column("form_id", String(120), nullable=False),
    Column("field", String(120), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)

history = Table(  # append-only; each row is chained to the one before it in its case
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("act", String(40), nullable=False),  # started, completed, fired, message, topic, notice …
    Column("node_id", String(120)),
    Column("name", String(160), nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(60), nullable=False),
    Column("for_whom", String(60)),
    Column("unit_id", String(64)),
    Column("origin", String(80)),  # where it came from: channel, address
    Column("form_version", String(16)),
    Column("details", Document, nullable=False),  # nodes passed, deadlines, text …
    Column("hash", String(64), nullable=False),
    UniqueConstraint("case_id", "seq"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("token_id", String(160), nullable=False, unique=True),
    Column("node_id", String(120), nullable=False),
    Column("name", String(120), nullable=False),
    Column("topic", String(80), nullable=False),
    Column("status", String(16), nullable=False),  # waiting (outside worker), retrying, failed, resolved
    Column("attempts", Integer, nullable=False, default=0),
    Column("message", Text),
    Column("created_at", Instant, nullable=False),
    Column("retry_at", Instant),
    Index("ix_incident_retry", "status", "retry_at"),
)

relay = Table(  # what one case asks of others, and the clock of procedures: each is carried out in a step of its own
    "relay",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(160), nullable=False, unique=True),  # the same order is never carried out twice
    Column("kind", String(16), nullable=False),  # begin: start a case, tell: a message that a case waits for
    Column("from_id", Integer, ForeignKey("case.id"), index=True),  # empty: the clock
    Column("from_name", String(120), nullable=False),  # of the node or procedure, to be read
    Column("procedure", String(80)),
    Column("node_id", String(120)),  # the start event
    Column("to_id", Integer, ForeignKey("case.id")),  # the case to tell; the case that was begun
    Column("message", String(120)),
    Column("content", Document, nullable=False),  # facts, places, person, files
    Column("at", Instant, nullable=False),  # when it counts, however late it is carried out
    Column("status", String(16), nullable=False),  # waiting, done, failed
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Instant),
    Column("error", Text),
    Index("ix_relay_next", "status", "next_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), index=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("to_account", String(64)),
    Column("to_role", String(40)),
    Column("to_unit", String(64)),
    Column("to_applicant", Boolean, nullable=False, default=False),
    Column("kind", String(40), nullable=False),
    Column("title", String(160), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),  # when it was handed to the channels
    Column("read_at", Instant),
    Index("ix_outbox_unsent", "sent_at"),
    Index("ix_outbox_post", "to_unit", "to_role", "created_at"),
    Index("ix_outbox_account", "to_account", "created_at"),
)

paper = Table(  # the text of every official paper that a case has issued
    "paper",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("number", String(60), nullable=False, unique=True),
    Column("title", String(160), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

notice = Table(  # public notices: 公示 and 长期公布; whitelisted fields only (domain 5.9)
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("case_id", Integer, ForeignKey("case.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # 初审公示, 终止公示, 长期公布
    Column("unit_id", String(64), ForeignKey("unit.id"), index=True),  # the village whose board it hangs on
    Column("fields", Document, nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant),
    Column("removed_at", Instant),
    Column("status", String(20), nullable=False),
    Column("version", Integer, nullable=False, default=1),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Integer, nullable=False),
)
