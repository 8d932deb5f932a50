"""One thing that the gate has to say about a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong (`message`), where (`path`, `line`, element), and what to draw or write instead (`hint`)."""

    path: str
    element_id: str
    element_name: str
    rule: str
    severity: Severity
    message: str
    hint: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.where} {self.message}。{self.hint}"

    @property
    def is_error(self) -> bool:
        """Whether it keeps the set from being deployed."""
        return self.severity == "error"

    @property
    def where(self) -> str:
        """`「入户调查」（survey）`, or the id alone."""
        return f"「{self.element_name}」（{self.element_id}）" if self.element_name else self.element_id

    def as_json(self) -> Mapping[str, object]:
        """For `jiuzhu lint --json`."""
        return {
            "file": self.path,
            "line": self.line,
            "element": self.element_id,
            "name": self.element_name,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }
