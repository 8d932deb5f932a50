"""Numbers that are given out once: cases, papers, notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.cases.facts import region_of
from engine.clock.days import day_of
from engine.people.places import deciding
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.runtime import Step

ITEMS = {"低保": "DB", "特困": "TK", "高龄津贴": "GL", "低保边缘": "BY", "刚性支出困难": "GX"}


def next_value(this: Step, name: str) -> int:
    """1, 2, 3 … for each name, without gaps or doubles under concurrency."""
    c = tables.counter
    query = this.runtime.store.insert(c).values(name=name, value=1)
    query = query.on_conflict_do_update(index_elements=[c.c.name], set_={"value": c.c.value + 1})
    return int(this.session.execute(query.returning(c.c.value)).scalar_one())


def case_number(this: Step, places: Mapping[str, str], item: str) -> str:
    """业务编号: region, item, day and sequence, one for a case across all channels (domain 5.3, S0-44)."""
    stem = (
        f"{region_of(deciding(places), this.runtime.units) or '000000'}{ITEMS.get(item, 'QT')}{day_of(this.now):%Y%m%d}"
    )
    return f"{stem}{next_value(this, f'case:{stem}'):04d}"


def paper_number(this: Step, kind: str, word: str) -> str:
    """文书编号, such as 池救受〔2026〕12号, counted by kind and year."""
    year = day_of(this.now).year
    return f"{word}〔{year}〕{next_value(this, f'paper:{kind}:{year}')}号"


def act_number(this: Step, word: str) -> str:
    """The number of an act beside cases, such as 催办〔2026〕12号, counted by word and year."""
    return paper_number(this, f"act:{word}", word)
