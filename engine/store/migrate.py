"""Brings a database's tables to the newest version, whatever it was before."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

MIGRATIONS = Path(__file__).parent / "migrations"


IN_THIS_PROCESS = threading.Lock()  # Alembic keeps what it works on in module variables
AMONG_PROCESSES = {"postgresql": text("select pg_advisory_xact_lock(7011950)")}
BEGIN = text("select 1")  # SQLite has one writer: whoever begins a transaction that writes waits for the other here


def bring_up_to_date(engine: Engine) -> None:
    """Create or upgrade all tables; safe to call at every start, by several processes at once.

    The transaction has begun before Alembic looks, so it is ours: all of it or nothing.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with IN_THIS_PROCESS, engine.connect().execution_options(jiuzhu_write=True) as connection:
        connection.execute(AMONG_PROCESSES.get(connection.dialect.name, BEGIN))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
