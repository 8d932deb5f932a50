"""Keeps the files of a form that was sent back for correction, so that nobody has to choose them again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer

from forms.uploads import Upload

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept file as a form shows it: name, size in bytes, and the token that brings it back."""

    name: str
    size: int
    token: str


class Drafts:
    """A folder of kept files named by their content; a token, signed for one person, opens one of them."""

    def __init__(self, folder: Path, secret_key: str) -> None:
        self.folder = folder
        self.signer = URLSafeTimedSerializer(secret_key, salt="draft")

    def keep(self, upload: Upload, owner: str) -> Kept:
        """Store a file for `owner` (an account, or the browser of a citizen) for a day."""
        digest = hashlib.sha256(upload.content).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep()
        partial = self.folder / f"{digest}.{os.getpid()}.{time.monotonic_ns()}"
        partial.write_bytes(upload.content)
        partial.replace(self.folder / digest)
        token = self.signer.dumps([digest, upload.filename, owner])
        return Kept(upload.filename, len(upload.content), str(token))

    def fetch(self, tokens: Iterable[str], owner: str) -> list[Upload]:
        """The files behind tokens; one that is foreign, spoilt or too old is left out, and its field asks again."""
        found = []
        for token in tokens:
            with contextlib.suppress(BadSignature, OSError):
                digest, name, whose = self.signer.loads(token, max_age=KEPT_SECONDS)
                if whose == owner:
                    found.append(Upload(name, (self.folder / digest).read_bytes()))
        return found

    def sweep(self) -> None:
        """Delete what is older than a day."""
        oldest = time.time() - KEPT_SECONDS
        for file in self.folder.iterdir():
            with contextlib.suppress(OSError):
                if file.stat().st_mtime < oldest:
                    file.unlink()
