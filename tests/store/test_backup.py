"""The whole database as one file, between SQLite and PostgreSQL."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from engine.cases import demo, history, open_runtime, scenario, sweep
from engine.store import backup, tables
from engine.store.database import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one whole case in it."""
    runtime = demo.empty_office(f"sqlite:///{tmp_path_factory.mktemp('full')}/full.db", ROOT)
    example = scenario.read(ROOT / "processes/full_online/scenarios/approved_without_objection.yaml")
    assert scenario.Run(runtime, example).play().ok
    return runtime.store


@pytest.fixture
def archive(full: Store, tmp_path: Path) -> Path:
    backup.write(full, tmp_path / "backup.zip", NOW)
    return tmp_path / "backup.zip"


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.transaction(write=False) as session:
        found = {}
        for table in tables.metadata.sorted_tables:
            rows = session.execute(select(table)).all()
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
        return found


def test_a_restored_database_holds_what_the_first_one_held(full: Store, archive: Path, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    backup.restore(other, archive)
    assert contents(other) == contents(full)
    with other.transaction(write=False) as session:
        assert list(history.verify(session)) == []


def test_an_office_moves_from_sqlite_to_postgresql(full: Store, archive: Path, postgres_database: str) -> None:
    other = open_store(postgres_database)
    backup.restore(other, archive)
    assert contents(other) == contents(full)
    with other.transaction() as session:
        assert list(history.verify(session)) == []
        before = session.execute(select(func.max(tables.outbox.c.id))).scalar_one()
        row = {"key": "k", "kind": "通知", "title": "t", "text": "x", "created_at": NOW, "to_applicant": False}
        after = session.execute(insert(tables.outbox).values(row).returning(tables.outbox.c.id)).scalar_one()
    assert after > before
    other.close()


def test_a_damaged_backup_restores_nothing(archive: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, body.replace("王大明".encode(), "王小明".encode()) if name == "case.jsonl" else body)
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(backup.BackupUnusable, match="case 已损坏"):
        backup.restore(other, damaged)
    assert not any(contents(other).values())


def test_a_backup_is_not_poured_into_a_database_in_use(full: Store, archive: Path) -> None:
    with pytest.raises(backup.BackupUnusable, match="不是空的"):
        backup.restore(full, archive)


def test_something_else_than_a_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("不是备份", encoding="utf-8")
    with pytest.raises(backup.BackupUnusable, match="不是完整的备份"):
        backup.restore(open_store(f"sqlite:///{tmp_path}/x.db"), tmp_path / "note.txt")


def test_a_restored_office_goes_on_working(archive: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    other = open_store(url)
    backup.restore(other, archive)
    other.close()
    runtime = open_runtime(url, ROOT)
    example = scenario.read(ROOT / "processes/full_online/scenarios/approved_without_objection.yaml")
    assert scenario.Run(runtime, example).play().failure == ""
    assert sweep.stuck(runtime) == []
