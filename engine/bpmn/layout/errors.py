"""Hides nothing: what keeps a readable file from being drawn."""

from engine.bpmn.errors import DiagramError


class DiagramNotDrawable(DiagramError):
    """Something in the file has no place in a drawing; the text says what, where and what to do."""
