"""Hides how a BPMN file that only says what happens gets a diagram that shows it."""

from engine.bpmn.layout.checks import crossings, edges_through_shapes, label_overlaps, overlaps
from engine.bpmn.layout.command import add_arguments, run
from engine.bpmn.layout.errors import DiagramNotDrawable
from engine.bpmn.layout.pages import layout

__all__ = [
    "DiagramNotDrawable",
    "add_arguments",
    "crossings",
    "edges_through_shapes",
    "label_overlaps",
    "layout",
    "overlaps",
    "run",
]
