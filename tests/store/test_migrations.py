"""A database made by the migrations is the one that the tables describe."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.store.database import Store, open_store
from engine.store.tables import metadata


def differences(store: Store) -> list[object]:
    with store.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_the_migrations_make_what_the_tables_describe_on_sqlite(tmp_path: Path) -> None:
    assert differences(open_store(f"sqlite:///{tmp_path}/new.db")) == []


def test_the_migrations_make_what_the_tables_describe_on_postgresql(postgres_database: str) -> None:
    store = open_store(postgres_database)
    assert differences(store) == []
    store.close()


def test_opening_a_database_again_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    open_store(url).close()
    assert differences(open_store(url)) == []
