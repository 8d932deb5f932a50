"""Casework: the verbs that people and the clock have, and the views that pages show."""

from engine import topics
from engine.cases.entries import Entries
from engine.cases.runtime import Runtime, Step, open_runtime
from engine.cases.verbs import Done, claim, complete, finish_work, release, retry, send, start, step, wake

__all__ = [
    "Done",
    "Entries",
    "Runtime",
    "Step",
    "claim",
    "complete",
    "finish_work",
    "open_runtime",
    "release",
    "retry",
    "send",
    "start",
    "step",
    "wake",
]

topics.register_all()
