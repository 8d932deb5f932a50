"""What service tasks and sent messages do: one function a topic, found by the name that the diagram says."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from engine.topics.registry import REGISTRY, Topic, find, provides

__all__ = ["REGISTRY", "Topic", "find", "provides", "register_all"]


def register_all() -> None:
    """Import each module of this package, which registers its topics; once casework, which they use, is there."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
