"""What stands between files and their deployment: lint, with what this installation knows and who holds what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import topics
from engine.bpmn.lint import Finding, Known, lint
from engine.bpmn.lint.world import IsHeld
from engine.cases import ladder
from engine.cases.facts import SYSTEM
from engine.cases.occasions import OCCASIONS
from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.clock.outages import load_outage_rules
from engine.clock.pause_kinds import load_pause_kinds
from engine.clock.register import load_register
from engine.people import places, posts
from engine.people.catalogue import read_catalogue
from engine.people.roles import read_roles


def check(this: Step, files: Mapping[str, bytes]) -> list[Finding]:
    """All findings about `files`; a role that nobody holds anywhere is one, once there are any accounts."""
    held = {role for role, _unit in posts.held(this.session, day_of(this.now))}
    is_held: IsHeld | None = (lambda role, place: place == places.CASE or role in held) if held else None
    return lint(files, known=known_at(this.runtime.root, is_held))


def known_at(root: Path, is_held: IsHeld | None = None) -> Known:
    """What is known in a checkout at `root`; `is_held(role, place)` where the accounts can be asked.

    A policy table that can't be used is an error of its own: `ClockError`, `PeopleError`.
    """
    policy = root / "processes" / "policy"
    roles, limits = [role.id for role in read_roles(policy / "roles.toml")], load_register(policy / "limits.toml")
    ladder.check(policy, roles, limits.rows)
    load_outage_rules(policy / "outages.toml")
    return Known(
        roles=roles,
        is_place=places.is_known,
        is_held=is_held,
        limits=limits,
        pauses=load_pause_kinds(policy / "pauses.toml").kinds,
        topics=topics.provides(),
        parameters={name for topic in topics.REGISTRY.values() for name in topic.parameters},
        facts=frozenset(SYSTEM),
        occasions=OCCASIONS,
        begun={item.procedure for item in read_catalogue(policy).items if item.procedure},
    )
