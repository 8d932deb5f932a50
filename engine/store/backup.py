"""The whole database as one file, and back: the same file for SQLite and PostgreSQL, so that an office can move."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Date, Integer, LargeBinary, Table, func, insert, select

from engine.store import tables
from engine.store.database import Session, Store

FORMAT = 1
MANIFEST = "manifest.json"
BATCH = 500


class BackupUnusable(Exception):
    """A file that is no backup, is damaged, or a database that isn't empty; `str()` is Chinese."""


def write(store: Store, path: Path, at: datetime) -> dict[str, int]:
    """Write every table into a new zip at `path`; gives the number of rows by table. One consistent read."""
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    with store.transaction(write=False) as session, zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for table in tables.metadata.sorted_tables:
            digest = hashlib.sha256()
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
                counts[table.name] = 0
                for line in _lines(session, table):
                    file.write(line)
                    digest.update(line)
                    counts[table.name] += 1
            digests[table.name] = digest.hexdigest()
        manifest = {"format": FORMAT, "at": at.isoformat(), "rows": counts, "sha256": digests}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return counts


def restore(store: Store, path: Path) -> dict[str, int]:
    """Fill an empty database from `path`, whole or not at all; gives the number of rows by table."""
    try:
        with zipfile.ZipFile(path) as archive, store.transaction() as session:
            manifest = json.loads(archive.read(MANIFEST))
            _check_fits(session, manifest)
            for table in tables.metadata.sorted_tables:
                _fill(session, archive, table, manifest)
            if store.dialect == "postgresql":
                _follow_ids(session)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise BackupUnusable(f"{path}：不是完整的备份文件，请换一份（{error}）") from error
    rows: dict[str, int] = manifest["rows"]
    return rows


def _lines(session: Session, table: Table) -> Iterator[bytes]:
    order = [tables.unit.c.path] if table is tables.unit else list(table.primary_key.columns)  # parents first
    for row in session.execute(select(table).order_by(*order)).mappings():
        plain = {name: _plain(value) for name, value in row.items()}
        yield (json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def _check_fits(session: Session, manifest: Mapping[str, Any]) -> None:
    if manifest["format"] != FORMAT:
        raise BackupUnusable(
            f"备份的格式是第 {manifest['format']} 版，本程序只认第 {FORMAT} 版，请用相应版本的程序恢复"
        )
    for table in tables.metadata.sorted_tables:
        if session.execute(select(func.count()).select_from(table)).scalar_one():
            raise BackupUnusable(f"数据库不是空的（{table.name} 里已有数据），请恢复到一个新的数据库")


def _fill(session: Session, archive: zipfile.ZipFile, table: Table, manifest: Mapping[str, Any]) -> None:
    digest, batch = hashlib.sha256(), list[dict[str, Any]]()
    with archive.open(f"{table.name}.jsonl") as file:
        for line in file:
            digest.update(line)
            batch.append(_row(table, json.loads(line)))
            if len(batch) == BATCH:
                session.execute(insert(table), batch)
                batch = []
    if batch:
        session.execute(insert(table), batch)
    if digest.hexdigest() != manifest["sha256"][table.name]:
        raise BackupUnusable(f"备份里的 {table.name} 已损坏或被改动，没有恢复任何内容，请换一份备份")


def _row(table: Table, plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _typed(table.c[name].type, value) for name, value in plain.items()}


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, tables.Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _follow_ids(session: Session) -> None:
    """PostgreSQL counts ids by itself: go on after the highest."""
    for table in tables.metadata.sorted_tables:
        column = table.primary_key.columns[0]
        if len(table.primary_key.columns) == 1 and isinstance(column.type, Integer):
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            highest = select(func.coalesce(func.max(column), 1)).scalar_subquery()
            session.execute(select(func.setval(sequence, highest)))
