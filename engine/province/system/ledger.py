"""What the provincial system remembers: messages by our number, its answers by its own; in a file or in memory."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLES = """
create table if not exists message (key text primary key, digest text not null, content text not null);
create table if not exists answer (
  id text primary key, key text not null, content text not null, due real not null, sent integer not null default 0,
  attempts integer not null default 0, again real not null default 0);
create table if not exists person (id_no text primary key, receives integer not null, dead integer not null);
"""


class Ledger:
    """One connection, used by one thread at a time."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file or ":memory:", check_same_thread=False)
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Nothing may be asked any more."""
        with self._lock:
            self._db.close()

    def take(self, key: str, digest: str, content: Mapping[str, Any]) -> str:
        """Keep a message: `new`, `known` when it is the same again, `other` when the number stands for other data."""
        with self._work() as db:
            known = db.execute("select digest from message where key = ?", (key,)).fetchone()
            if known:
                return "known" if known[0] == digest else "other"
            db.execute("insert into message values (?, ?, ?)", (key, digest, json.dumps(content, ensure_ascii=False)))
            return "new"

    def answer(self, answer: Mapping[str, str], due: float) -> None:
        """Answer at the moment `due`."""
        row = (answer["id"], answer["key"], json.dumps(answer, ensure_ascii=False), due)
        with self._work() as db:
            db.execute("insert or ignore into answer (id, key, content, due) values (?, ?, ?, ?)", row)

    def repeat(self, key: str) -> None:
        """Send the answers to this message once more: the other side has asked again."""
        with self._work() as db:
            db.execute("update answer set sent = 0, attempts = 0, again = 0 where key = ?", (key,))

    def due(self, now: float, tries: int) -> list[dict[str, str]]:
        """Answers that have to be sent now, in the order of their moments."""
        query = (
            "select content from answer where sent = 0 and attempts < ? and due <= ? and again <= ? order by due, rowid"
        )
        with self._work() as db:
            return [json.loads(content) for (content,) in db.execute(query, (tries, now, now))]

    def tried(self, answer_id: str, *, sent: bool, now: float) -> None:
        """An answer was sent, or couldn't be: then it is tried again, each time after twice as long."""
        change = "update answer set attempts = attempts + 1, sent = ?, again = ? + (1 << attempts) where id = ?"
        with self._work() as db:
            db.execute(change, (int(sent), now, answer_id))

    def answers_to(self, keys: Sequence[str], now: float) -> list[dict[str, str]]:
        """What was answered to these messages by now."""
        query = "select content from answer where key = ? and due <= ? order by due, rowid"
        with self._work() as db:
            return [json.loads(content) for key in keys for (content,) in db.execute(query, (key, now))]

    def person(self, id_no: str) -> tuple[bool, bool]:
        """Whether the person receives, and is dead."""
        with self._work() as db:
            found = db.execute("select receives, dead from person where id_no = ?", (id_no,)).fetchone()
        return (bool(found[0]), bool(found[1])) if found else (False, False)

    def mark(self, id_no: str, *, receives: bool, dead: bool) -> None:
        """How it stands with the person from now on."""
        with self._work() as db:
            db.execute("insert or replace into person values (?, ?, ?)", (id_no, int(receives), int(dead)))

    @contextmanager
    def _work(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._db:
            yield self._db
