"""Dated examples of a procedure: tests, demo cases and what-if in one format, run by the real verbs on a set clock."""

from engine.cases.scenario.file import Scenario, ScenarioError, find, moment, read
from engine.cases.scenario.report import Event, OpenTask, Report
from engine.cases.scenario.run import Run
from engine.cases.scenario.shift import Shift

__all__ = ["Event", "OpenTask", "Report", "Run", "Scenario", "ScenarioError", "Shift", "find", "moment", "read"]
