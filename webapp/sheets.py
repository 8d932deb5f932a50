"""What a page with a form has in common: laying it out, taking it in, showing it again with its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.cases.errors import CaseError, CaseSuspended, FormRejected, NotYourTask, StepConflict
from forms.model import Form
from webapp.forms_html import Choices, Filling, Sheet, lay_out
from webapp.steps import Sent

BETWEEN = " · "  # parts the unit above from the unit in the label of a choice


SENT_BACK = (FormRejected, StepConflict, CaseSuspended, NotYourTask)  # nothing typed is lost by these
Offered = Mapping[str, Mapping[str, str]]  # choices by `valuesKey`: value -> label


def fresh(
    form: Form,
    offered: Offered,
    texts: Mapping[str, Sequence[str]] | None = None,
    facts: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> Sheet:
    """A form to fill in, with what it said before if it did (`files`: names by sha256), and what the case knows."""
    filling = Filling(texts=texts or {}, choices=grouped(offered), facts=facts or {}, files=files or {})
    return lay_out(form, filling)


def again(
    form: Form,
    offered: Offered,
    sent: Sent,
    problem: CaseError,
    facts: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> Sheet:
    """A form that was sent back: what was typed is there, files that were in order need not be chosen again."""
    errors = problem.reading.errors if isinstance(problem, FormRejected) else {}
    warnings = problem.reading.warnings if isinstance(problem, FormRejected) else {}
    kept = sent.keep(frozenset(errors))
    return lay_out(form, Filling(sent.fields, errors, warnings, kept, grouped(offered), facts or {}, files or {}))


def grouped(offered: Offered) -> Choices:
    """Choices named `贵池区民政局 · 秋浦街道` in groups by the unit above."""
    found: dict[str, Sequence[tuple[str, Sequence[tuple[str, str]]]]] = {}
    for key, options in offered.items():
        groups: dict[str, list[tuple[str, str]]] = {}
        for value, label in options.items():
            above, _, name = label.rpartition(BETWEEN)
            groups.setdefault(above, []).append((value, name))
        found[key] = list(groups.items())
    return found


def words_for(problem: CaseError | None) -> str:
    """What stands above a form that was sent back for another reason than its fields."""
    return "" if problem is None or isinstance(problem, FormRejected) else problem.message
