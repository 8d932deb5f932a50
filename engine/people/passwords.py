"""Hides how a password is kept: argon2id, and the same work for an account that doesn't exist."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from engine.people.errors import PasswordUnfit

LEAST, MOST = 8, 128

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look like another

_hasher = PasswordHasher()
# Of a random password nobody knows; checked in place of an unknown account's, so that both take as long.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$30e1pZg1zvxkRcFtzPjTLg$Yji98jkuSNfdEcyCTHHUJw3v8wMoz2DKSVuDJQ2RrVg"


@dataclass(frozen=True, slots=True)
class First:
    """A first password and the text to store."""

    password: str
    stored: str


def hash_password(password: str) -> str:
    """The text to store; 8 to 128 characters, else `PasswordUnfit`."""
    if not LEAST <= len(password) <= MOST:
        raise PasswordUnfit(f"密码应为 {LEAST} 至 {MOST} 个字符。请重新设置。")
    return _hasher.hash(password)


def first_password() -> First:
    """A password to hand to somebody, who changes it when signing in: ten signs, some 49 bits."""
    password = "".join(secrets.choice(LETTERS) for _ in range(10))
    return First(password, hash_password(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one that was stored; False, after the same work, when none was."""
    try:
        _hasher.verify(stored or NOBODY, password[:MOST])
    except VerificationError:
        return False
    return stored is not None and len(password) <= MOST


def is_current(stored: str) -> bool:
    """Whether the text was made with today's parameters, so that checking it takes today's time."""
    return not _hasher.check_needs_rehash(stored)
