"""The registers: persons, households and the benefits in force, month by month; they know a session and no case."""

from engine.registers.benefits import (
    Benefit,
    Said,
    Terms,
    When,
    changes_in,
    find,
    grant,
    history,
    in_force,
    of_person,
    record,
)

__all__ = [
    "Benefit",
    "Said",
    "Terms",
    "When",
    "changes_in",
    "find",
    "grant",
    "history",
    "in_force",
    "of_person",
    "record",
]
