"""Everything that can go wrong between a file and a running token, on one page."""

from __future__ import annotations


class DiagramError(Exception):
    """A diagram, table or form that can't be used; `str()` is a Chinese sentence for the analyst."""


class DiagramNotReadable(DiagramError):
    """The file is not XML that we accept (DOCTYPE, too large, not BPMN)."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}：{reason}")
        self.path = path
        self.reason = reason


class DecisionError(DiagramError):
    """A decision table that can't be read or gives no single answer for these facts."""

    def __init__(self, decision: str, reason: str) -> None:
        super().__init__(f"决策表「{decision}」：{reason}")
        self.decision = decision
        self.reason = reason


class ProcedureNotFound(DiagramError):
    """No process with this id in the deployment."""

    def __init__(self, process_id: str) -> None:
        super().__init__(f"没有找到流程「{process_id}」，请检查部署的流程文件")
        self.process_id = process_id


class TokenNotFound(DiagramError):
    """The task, timer or message is no longer waited for."""

    def __init__(self, token: str) -> None:
        super().__init__("流程已不在这一步等待，可能已由他人办理或已撤回，请刷新后再看")
        self.token = token


class NoWayOn(DiagramError):
    """A gateway whose conditions are all false and that has no default flow."""

    def __init__(self, node_id: str, name: str) -> None:
        super().__init__(f"网关「{name}」（{node_id}）的条件都不成立，又没有默认流向，流程无法继续")
        self.node_id = node_id
