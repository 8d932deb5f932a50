"""The draw of 评议代表: the same list, seed and number of seats give the same representatives, wherever it is run.

A representative's key is SHA-256 of `seed`, a line feed, `评议代表`, a line feed and their mark. Two thirds of the
seats go to the smallest keys among 村（居）民代表, as far as there are so many; the rest to the smallest keys of all
who are left. Who is recused isn't on the list; the record counts them with their reasons.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.supervision.draw import DrawImpossible

ALGORITHM = "SHA-256/评议代表/1"
VILLAGERS = "村（居）民代表"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the list: the mark that stands for the account, and the kind of representative."""

    mark: str
    kind: str


@dataclass(frozen=True, slots=True)
class Lots:
    """Everything that the result follows from; `recused` are the reasons of those who were left out."""

    seed: str
    seats: int
    candidates: tuple[Candidate, ...]
    recused: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over the list in the order of the marks."""
        said = [asdict(one) for one in sorted(self.candidates, key=lambda one: one.mark)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def run(lots: Lots) -> list[str]:
    """The marks drawn; fewer than `seats` when the list is shorter. `DrawImpossible` without a number of seats."""
    if lots.seats < 1:
        raise DrawImpossible("评议代表人数应当至少1人，请改正当地评议办法表")
    by_key = sorted(lots.candidates, key=lambda one: _key(lots.seed, one.mark))
    two_thirds = -(-lots.seats * 2 // 3)
    chosen = [one.mark for one in by_key if one.kind == VILLAGERS][:two_thirds]
    rest = [one.mark for one in by_key if one.mark not in chosen]
    return chosen + rest[: lots.seats - len(chosen)]


def document(lots: Lots, drawn: Sequence[str]) -> dict[str, Any]:
    """The draw as it is published."""
    return {
        "algorithm": ALGORITHM,
        "seed": lots.seed,
        "seats": lots.seats,
        "population": [asdict(one) for one in lots.candidates],
        "recused": list(lots.recused),
        "digest": lots.digest,
        "result": list(drawn),
    }


def verify(found: Mapping[str, Any]) -> list[str]:
    """What of a document doesn't come out when it is run again; empty when all does. `DrawImpossible` if unreadable."""
    try:
        people = tuple(Candidate(str(one["mark"]), str(one["kind"])) for one in found["population"])
        lots = Lots(str(found["seed"]), int(found["seats"]), people)
        said, result = str(found["digest"]), [str(one) for one in found["result"]]
    except (KeyError, TypeError, ValueError) as error:
        raise DrawImpossible(f"抽取记录不完整，读不出 {error}，请重新下载后再复核") from error
    wrong = []
    if said != lots.digest:
        wrong.append("代表名单与抽取时不一致：重新计算的校验码与公布的不同")
    if run(lots) != result:
        wrong.append("按公布的种子重新抽取，结果与公布的不同")
    return wrong


def _key(seed: str, mark: str) -> str:
    return hashlib.sha256(f"{seed}\n评议代表\n{mark}".encode()).hexdigest()
