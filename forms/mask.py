"""Hides the middle of numbers and names on pages whose reader doesn't need them whole (domain 2.5)."""

from __future__ import annotations

from collections.abc import Callable

STAR = "*"


def mask_id(number: str) -> str:
    """Identity number, first 6 and last 4 kept: 341702********1234; a shorter text keeps its last 4 at most."""
    return _keep(number, 6, 4)


def mask_phone(number: str) -> str:
    """Phone number, first 3 and last 4 kept: 138****1234."""
    return _keep(number, 3, 4)


def mask_account(number: str) -> str:
    """Bank account, last 4 kept."""
    return _keep(number, 0, 4)


def mask_name(name: str) -> str:
    """A person's name, family name kept: 王*, 王**; a compound or minority name keeps its first character."""
    return name[:1] + STAR * max(len(name) - 1, 0)


def _keep(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        last = min(last, len(text) // 2)
        first = 0
    return text[:first] + STAR * (len(text) - first - last) + text[len(text) - last :]


MASKS: dict[str, Callable[[str], str]] = {
    "id": mask_id,
    "phone": mask_phone,
    "account": mask_account,
    "name": mask_name,
}


def mask(kind: str, text: str | None) -> str:
    """`text` masked as a form's property `mask` says (id, phone, account, name); "" for nothing."""
    return MASKS[kind](text) if text else ""
