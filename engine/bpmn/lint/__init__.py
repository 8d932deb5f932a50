"""The gate: says in Chinese what is wrong with a set of diagrams, tables and forms, where, and what to draw instead."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.lint import (
    clocks,
    elements,
    facts,
    flows,
    numbers,
    others,
    outcomes,
    parallel,
    reading,
    roles,
    tasks,
    timers,
)
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.knowledge import Walk
from engine.bpmn.lint.unread import unread
from engine.bpmn.lint.world import Known, Rule
from forms.schema import Form

__all__ = ["Finding", "Known", "lint"]

EVERY_PROCESS: tuple[Rule, ...] = (
    elements.unsupported_elements,
    elements.unsupported_events,
    elements.messages,
    elements.boundaries,
    elements.event_gateways,
    flows.starts_and_ends,
    flows.dangling,
    flows.unreachable,
    flows.hidden_forks,
    flows.exclusive_gateways,
    parallel.joins,
    parallel.double_lines,
    parallel.restless_loops,
    tasks.names_and_forms,
    tasks.clauses,
    tasks.topics,
    tasks.decisions,
    tasks.calls,
    tasks.instances,
    tasks.expressions,
    tasks.properties,
    tasks.outside_doors,
    others.begun,
    others.told,
    others.timed,
    others.occasioned,
    roles.holders,
    roles.senders,
    roles.told,
    roles.different_from,
    roles.starters,
    timers.timers,
    timers.limits,
    clocks.clocks,
    clocks.pauses,
    outcomes.refusal_has_reasons,
)
WHOLE_SET = (numbers.processes_once, numbers.tasks_named_once, numbers.paper_words, numbers.something_runs)
# facts can't be followed through these
BROKEN = frozenset({"boundary-host", "call-recursion", "dangling", "file", "id-twice", "start-missing"})


def lint(
    files: Mapping[str, bytes], *, forms: Mapping[str, Form] | None = None, known: Known | None = None
) -> list[Finding]:
    """What is wrong with the files (`.bpmn`, `.dmn`, `.form`; others aren't looked at), by path and line.

    `forms` are forms beside those in `files`; without any, form keys and facts aren't checked. `known` is what the
    platform knows: roles, places, limits, topics. Never raises for bad content: that is a finding.
    """
    world, findings = reading.read(files, forms, known or Known())
    for scope in world.scopes():
        for rule in EVERY_PROCESS:
            findings += rule(scope)
    for check in WHOLE_SET:
        findings += check(world)
    findings += unread(files)
    if not any(finding.rule in BROKEN for finding in findings):
        visits = Walk(world).everything()
        findings += facts.facts_known(world, visits)
        findings += outcomes.no_decision_by_the_clock(world, visits)
    return sorted(findings, key=lambda found: (found.path, found.line, found.element_id, found.rule))
