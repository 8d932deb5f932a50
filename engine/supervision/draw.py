"""The draw itself: the same population, seed and share give the same households and inspectors, wherever it is run.

A household's key is SHA-256 of `seed`, a line feed and its number; the smallest keys are drawn. ⌈share × N⌉ are drawn
(A-12), shared out among the strata (township and category) by the largest remainder, and one more from each township
that would have none (A-13). Inspectors stand in the order of SHA-256 of `seed`, a line feed, `检查人`, a line feed and
their mark; each household takes the next ones in that circle who had no hand in its case.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil
from typing import Any

ALGORITHM = "SHA-256/1"


class DrawImpossible(Exception):
    """The draw can't be made, or a document of one can't be read; `str()` is Chinese and says what to do."""


@dataclass(frozen=True, slots=True)
class Household:
    """One of the population: its number, stratum, and the marks of those who had a hand in its case."""

    number: str
    township: str
    category: str
    handlers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """Everything that the result follows from. `share` is per cent; `each` inspectors look at one household."""

    seed: str
    share: int
    each: int
    population: tuple[Household, ...]
    inspectors: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over population and inspectors in the order of their numbers."""
        said = {
            "population": [asdict(one) for one in sorted(self.population, key=lambda one: one.number)],
            "inspectors": sorted(self.inspectors),
        }
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


Drawn = tuple[str, tuple[str, ...]]  # number of the household, marks of its inspectors


def run(draw: Draw) -> list[Drawn]:
    """The households drawn, by key, with their inspectors; `DrawImpossible` when nobody may look at one of them."""
    if not 0 < draw.share <= 100:
        raise DrawImpossible(f"抽查比例应在1%到100%之间，现在是{draw.share}%，请改正")
    doubles = [number for number, times in Counter(one.number for one in draw.population).items() if times > 1]
    if doubles:
        raise DrawImpossible(f"抽查名单里「{doubles[0]}」重复，请核对名单")
    by_key = sorted(draw.population, key=lambda one: _key(draw.seed, one.number))
    wanted = _quotas(draw)
    chosen: list[Household] = []
    for one in by_key:
        stratum = (one.township, one.category)
        if wanted[stratum] > 0:
            wanted[stratum] -= 1
            chosen.append(one)
    circle = sorted(draw.inspectors, key=lambda account: _key(draw.seed, f"检查人\n{account}"))
    return _with_inspectors(chosen, circle, draw.each)


def document(draw: Draw, drawn: Sequence[Drawn], **commitment: Any) -> dict[str, Any]:
    """The draw as it is published: what is needed to run it again, and what came out; `commitment` is of its seed."""
    return {
        "algorithm": ALGORITHM,
        "seed": draw.seed,
        **commitment,
        "share": draw.share,
        "each": draw.each,
        "population": [asdict(one) for one in draw.population],
        "inspectors": list(draw.inspectors),
        "digest": draw.digest,
        "result": [{"number": number, "inspectors": list(accounts)} for number, accounts in drawn],
    }


def verify(found: Mapping[str, Any]) -> list[str]:
    """What of a document doesn't come out when it is run again; empty when all does. `DrawImpossible` if unreadable."""
    draw = _read(found)
    wrong = []
    if (said := found.get("commitment")) and said.get("digest") != hashlib.sha256(draw.seed.encode()).hexdigest():
        wrong.append("种子与抽取前公布的种子校验码不符")
    if found["digest"] != draw.digest:
        wrong.append("名单或者检查人员与抽取时不一致：重新计算的校验码与公布的不同")
    again = [{"number": number, "inspectors": list(accounts)} for number, accounts in run(draw)]
    if again != found["result"]:
        wrong.append("按公布的种子重新抽取，结果与公布的不同")
    return wrong


def _read(found: Mapping[str, Any]) -> Draw:
    if found.get("algorithm") != ALGORITHM:
        raise DrawImpossible(f"不认识抽取方法「{found.get('algorithm', '没有写明')}」，这里只能复核 {ALGORITHM}")
    try:
        people = tuple(
            Household(str(one["number"]), str(one["township"]), str(one["category"]), tuple(one["handlers"]))
            for one in found["population"]
        )
        inspectors = tuple(str(one) for one in found["inspectors"])
        draw = Draw(str(found["seed"]), int(found["share"]), int(found["each"]), people, inspectors)
        if not {"digest", "result"} <= found.keys():
            raise KeyError("digest、result")
    except (KeyError, TypeError, ValueError) as error:
        raise DrawImpossible(f"抽取记录不完整，读不出 {error}，请重新下载后再复核") from error
    return draw


def _key(seed: str, what: str) -> str:
    return hashlib.sha256(f"{seed}\n{what}".encode()).hexdigest()


def _quotas(draw: Draw) -> Counter[tuple[str, str]]:
    """How many of each stratum, by the largest remainder; no township goes without."""
    sizes = Counter((one.township, one.category) for one in draw.population)
    total = ceil(Fraction(draw.share * len(draw.population), 100))
    exact = {stratum: Fraction(total * size, len(draw.population)) for stratum, size in sizes.items()}
    quotas = Counter({stratum: int(part) for stratum, part in exact.items()})
    left = sorted(exact, key=lambda stratum: (int(exact[stratum]) - exact[stratum], stratum))
    quotas.update(left[: total - quotas.total()])
    for township in sorted({township for township, _ in sizes}):
        here = sorted(stratum for stratum in sizes if stratum[0] == township)
        if not any(quotas[stratum] for stratum in here):
            quotas[max(here, key=lambda stratum: sizes[stratum])] = 1
    return quotas


def _with_inspectors(chosen: Sequence[Household], circle: Sequence[str], each: int) -> list[Drawn]:
    drawn: list[Drawn] = []
    at = 0
    for one in chosen:
        turned = [*circle[at % len(circle) :], *circle[: at % len(circle)]] if circle else []
        free = [account for account in turned if account not in one.handlers][:each]
        if len(free) < each:
            raise DrawImpossible(
                f"「{one.number}」需要{each}名没有经手过的检查人员，只有{len(free)}名可派，请增加检查人员后重试"
            )
        at += each
        drawn.append((one.number, tuple(free)))
    return drawn
