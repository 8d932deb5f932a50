"""What can be wrong with the list of clauses and the tables beside it."""

from __future__ import annotations

from engine.bpmn.errors import DiagramError


class ClausesNotReadable(DiagramError):
    """The list of clauses, or a table that names some, can't be used; `str()` says in Chinese where and why."""

    def __init__(self, path: str, where: str, reason: str) -> None:
        super().__init__(f"{path}：{where}{'：' if where else ''}{reason}")
        self.path = path
        self.where = where
        self.reason = reason
