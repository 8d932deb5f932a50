"""The channel that needs nothing: letters as JSON lines in a file a day, for trying out and for other programs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.clock.days import day_of, local
from engine.delivery.errors import Temporary
from engine.delivery.letter import Letter


@dataclass(frozen=True)
class FileSink:
    """Appends to `folder`/<channel>-<day>.jsonl, readable by the owner alone; a line's `key` marks repetitions."""

    folder: Path

    def send(self, letter: Letter) -> None:
        """Write one line and wait until it is on the disk."""
        line = {**asdict(letter), "at": local(letter.at).isoformat(timespec="seconds")}
        file = self.folder / f"{letter.channel}-{day_of(letter.at)}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _append(file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            raise Temporary(f"无法写入 {file}：{error.strerror}") from error


def _append(file: Path, line: bytes) -> None:
    """One write a line: lines of two processes never mix."""
    descriptor = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
