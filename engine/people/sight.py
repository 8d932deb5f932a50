"""Hides the table of what each role sees in a case (processes/policy/visibility.toml, domain 2.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from engine.people import toml
from engine.people.errors import PlacesInvalid
from engine.people.roles import Roles
from forms.mask import MASKS

Look = Literal["plain", "masked", "hidden"]
_LISTS = ("only_forms", "hide_forms", "hide_fields", "handler_only", "mask")


@dataclass(frozen=True, slots=True)
class RoleSight:
    """One row of the table; all but `mask` are patterns with `*`."""

    only_forms: tuple[str, ...] = ()
    hide_forms: tuple[str, ...] = ()
    hide_fields: tuple[str, ...] = ()
    handler_only: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()

    def sees_form(self, form_id: str) -> bool:
        """Whether this role sees anything of the form."""
        return (not self.only_forms or _fits(self.only_forms, form_id)) and not _fits(self.hide_forms, form_id)

    def look(self, field: str, mask: str, handler: bool) -> Look:
        """How this role sees a field of a form that it sees."""
        unseen = self.hide_fields if handler else self.hide_fields + self.handler_only
        if _fits(unseen, field) or _fits(unseen, field.rpartition(".")[2]):
            return "hidden"
        return "masked" if mask in self.mask else "plain"


@dataclass(frozen=True, slots=True)
class FormSight:
    """How the holder of some roles sees one form; the role that sees most decides."""

    sights: tuple[RoleSight, ...]
    handler: bool = False

    @property
    def visible(self) -> bool:
        """Whether anything of the form is seen."""
        return bool(self.sights)

    def look(self, field: str, mask: str = "") -> Look:
        """`plain`, `masked` or `hidden` for a field (`idNo`, `members.idNo`) whose form property `mask` is given."""
        looks = {sight.look(field, mask, self.handler) for sight in self.sights}
        if "plain" in looks:
            return "plain"
        return "masked" if "masked" in looks else "hidden"


def visible_fields(
    table: Mapping[str, RoleSight], roles: Iterable[str], form_id: str, *, handler: bool = False
) -> FormSight:
    """What the holder of `roles` sees of a form; `handler` when the task it is shown at is assigned to that person."""
    sights = (table[role] for role in sorted(roles) if role in table)
    return FormSight(tuple(sight for sight in sights if sight.sees_form(form_id)), handler)


@dataclass(frozen=True, slots=True)
class Confidential:
    """Procedures that only those see who have a task in the case or did one.

    Those in `taken` are also seen by `roles` at the unit that handles the case. `forms`: those that only these roles
    see; handlers read what the roles have written for them instead (E-33).
    """

    procedures: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


def read_confidential(path: Path, roles: Roles) -> Confidential:
    """Read the section `confidential` of visibility.toml; an unknown role is `PlacesInvalid`."""
    row = toml.read(path).get("confidential", {})
    lists = {
        name: frozenset(toml.texts(path, "保密流程", row.get(name, [])))
        for name in ("procedures", "taken", "forms", "roles")
    }
    if strange := sorted(role for role in lists["roles"] if role not in roles):
        raise PlacesInvalid(path, "保密流程", f"角色表中没有 {'、'.join(strange)}")
    return Confidential(**lists)


def read_sights(path: Path, roles: Roles) -> dict[str, RoleSight]:
    """Read visibility.toml; a role without a row, an unknown role, group or mask is `PlacesInvalid`."""
    content = toml.read(path)
    groups = content.get("groups", {})
    sights: dict[str, RoleSight] = {}
    for row in toml.rows(path, content, "sight", ("role",), _LISTS):
        if row["role"] not in roles or row["role"] in sights:
            raise PlacesInvalid(path, f"角色「{row['role']}」", "角色表中没有这个角色，或者写了两次")
        sights[row["role"]] = _sight(path, row, groups)
    if missing := [role.id for role in roles if role.case_data and role.id not in sights]:
        raise PlacesInvalid(
            path, "角色清单", f"{'、'.join(missing)} 看得到业务，却没有写明看什么，请各补一段 [[sight]]"
        )
    return sights


def _sight(path: Path, row: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> RoleSight:
    where = f"角色「{row['role']}」"
    lists = {name: tuple(_names(path, where, row.get(name, []), groups)) for name in _LISTS}
    if strange := [kind for kind in lists["mask"] if kind not in MASKS]:
        raise PlacesInvalid(path, where, f"不会给 {'、'.join(strange)} 打码，可用的是 {'、'.join(MASKS)}")
    return RoleSight(**lists)


def _names(path: Path, where: str, names: object, groups: Mapping[str, Sequence[str]], depth: int = 0) -> Iterable[str]:
    for name in toml.texts(path, where, names):
        if not name.startswith("@"):
            yield name
        elif name[1:] in groups and depth < 5:
            yield from _names(path, f"组「{name[1:]}」", groups[name[1:]], groups, depth + 1)
        else:
            raise PlacesInvalid(path, where, f"没有名为「{name[1:]}」的组，或者组之间互相引用")


def _fits(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
