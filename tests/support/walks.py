"""Walks one case in three ways at once, which must agree: kept in memory, reloaded after each step, unpruned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.deployment import Deployment
from engine.bpmn.run import Live, Token

Key = tuple[str, str, str]  # node, kind, the element of its instance


class Walk:
    """A case of `process_id`; each step is done to all three, and then they must look the same."""

    def __init__(
        self, files: Mapping[str, bytes], process_id: str = "p", facts: Mapping[str, Any] | None = None
    ) -> None:
        self.deployment = Deployment(files)
        start = (process_id, self.deployment.specs, facts or {})
        self.kept, self.reloaded = Live.start(*start), Live.start(*start)
        self.whole = Live.start(*start, pruning=False)
        self.passed: list[str] = []
        self.sizes = [len(self.kept.dump())]
        self._after()

    @property
    def open(self) -> list[str]:
        """Ids of the nodes that wait, sorted; a boundary event too."""
        return sorted(key[0] for key in self.keys())

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.kept.facts

    @property
    def ended(self) -> bool:
        return self.kept.ended

    def keys(self) -> list[Key]:
        """All that waits, sorted."""
        return _keys(self.kept)

    def places(self, node_id: str, element: str) -> Mapping[str, str | None]:
        """The places of the instance of this element, where this node waits; the same in all three."""
        found = [
            live.waiting()[_find(live, node_id, element)].places for live in (self.kept, self.reloaded, self.whole)
        ]
        assert found[0] == found[1] == found[2]
        return found[0]

    def names(self, node_id: str) -> list[str]:
        """What the tokens at this node are called, sorted."""
        return sorted(token.name for token in self.kept.waiting().values() if token.node.id == node_id)

    def complete(self, node_id: str, element: str = "", /, **facts: Any) -> None:
        """Complete the user task or topic's work of this node, in the instance of this element."""
        for live in (self.kept, self.reloaded, self.whole):
            live.complete(_find(live, node_id, element), facts)
        self._after()

    def fire(self, node_id: str, element: str = "", /, **facts: Any) -> None:
        """Let the timer or message of this node come."""
        for live in (self.kept, self.reloaded, self.whole):
            live.fire(_find(live, node_id, element), facts)
        self._after()

    def bounded(self, node_id: str, element: str = "") -> str | None:
        """The node whose user task this boundary event bounds."""
        waiting = self.kept.waiting()
        attached = waiting[_find(self.kept, node_id, element)].attached_token
        return waiting[attached].node.id if attached else None

    def _after(self) -> None:
        self.sizes.append(len(self.kept.dump()))
        seen = [_seen(live) for live in (self.kept, self.reloaded, self.whole)]
        self.reloaded = Live.load(self.reloaded.dump(), self.deployment.specs)
        seen.append(_seen(self.reloaded, seen[1]["passed"]))
        self.passed += seen[0]["passed"]
        for other in seen[1:]:
            assert other == seen[0], f"\n{other}\n{seen[0]}"


def _seen(live: Live, passed: list[str] | None = None) -> dict[str, Any]:
    return {
        "waiting": _keys(live),
        "ended": live.ended,
        "facts": dict(live.facts),
        "passed": passed or sorted(f"{done.process_id}/{done.node.id}" for done in live.passed()),
    }


def _keys(live: Live) -> list[Key]:
    return sorted(_key(token) for token in live.waiting().values())


def _key(token: Token) -> Key:
    elements = {name: value for name, value in token.facts.items() if name.startswith("项")}
    return token.node.id, token.kind, "/".join(str(elements[name]) for name in sorted(elements))


def _find(live: Live, node_id: str, element: str) -> str:
    found = [
        key for key, t in live.waiting().items() if t.node.id == node_id and (not element or _key(t)[2] == element)
    ]
    assert found, f"{node_id} {element} doesn't wait: {_keys(live)}"
    return found[0]
