"""The list of topics: name, function, the facts it gives and the parameters it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.cases.move import Work

Function = Callable[["Work"], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Topic:
    """A topic that runs in this process."""

    name: str
    run: Function
    provides: tuple[str, ...]
    parameters: tuple[str, ...]
    writes: bool  # it writes rows itself: it runs in a savepoint


REGISTRY: dict[str, Topic] = {}


def topic(
    name: str, *, provides: tuple[str, ...] = (), parameters: tuple[str, ...] = (), writes: bool = False
) -> Callable[[Function], Function]:
    """Register a function under the name that diagrams use; `provides` are the facts it returns."""

    def register(function: Function) -> Function:
        REGISTRY[name] = Topic(name, function, provides, parameters, writes)
        return function

    return register


def find(name: str) -> Topic | None:
    """The topic of this name, or None: then an outside worker must do it."""
    return REGISTRY.get(name)


def provides() -> dict[str, tuple[str, ...]]:
    """The facts that each topic gives, for the data-flow gate."""
    return {name: found.provides for name, found in REGISTRY.items()}
