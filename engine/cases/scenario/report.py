"""What a played example tells: its events, what it passed, and where it failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from engine.cases.scenario.file import Scenario

LIGHTS = {"green": "绿灯", "yellow": "黄灯", "red": "红灯"}


@dataclass(frozen=True, order=True)
class OpenTask:
    """A task that was open after an event: its node, who holds it, its due date and light ("" without a deadline)."""

    node: str
    name: str
    holder: str  # an account, or role@unit
    due: str
    light: str

    def __str__(self) -> str:
        return f"{self.name}（{'，'.join(filter(None, (self.holder, self.due, LIGHTS.get(self.light, ''))))}）"


@dataclass(frozen=True)
class Event:
    """One line of a run: when, what happened, by whom, and what was open afterwards."""

    at: datetime
    what: str
    by: str
    open: tuple[OpenTask, ...]
    stage: str


@dataclass
class Report:
    """How a scenario went. `passed` holds the nodes that it went through, as `process:node`."""

    scenario: Scenario
    events: list[Event] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    case_id: int = 0
    number: str = ""
    failure: str = ""

    @property
    def ok(self) -> bool:
        """True when it went as it says."""
        return not self.failure
