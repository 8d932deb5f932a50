"""A case that is loaded from the database before every step goes the same way as one that stays in memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.cases import sweep
from tests.support.office import Office, moment

RANDOM = {"state", "hash", "history_head", "follow_code"}  # hold ids that are new in every run


def whole_line(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    forget(office)
    sweep.wake_due(office.runtime, moment("2026-03-10"))
    office.do(case, "受理", "wang", at="2026-03-11")
    office.do(case, "审核", "li", at="2026-03-12")


def both_sides(office: Office) -> None:
    case = office.start("both", at="2026-03-02")
    for node, who in (("核对", "li"), ("调查", "wang"), ("汇总", "ding")):
        office.do(case, node, who)


def hands(office: Office) -> None:
    case = office.start("hands", at="2026-03-02")
    office.do(case, "初审", "wang")
    office.do(case, "复审", "ding")
    office.do(case, "组队", "li", 调查员="zhang")
    office.do(case, "入户", "zhang")
    office.do(case, "补正", office.citizen(case.number))


def clocks(office: Office) -> None:
    case = office.start("clocks", at="2026-03-02")
    office.do(case, "收件", "wang", at="2026-03-04 15:00")
    office.do(case, "决定", "wang", at="2026-03-05")
    for at in ("2026-03-13", "2026-04-01"):
        forget(office)
        sweep.wake_due(office.runtime, moment(at))
    office.do(case, "存档", "wang", at="2026-04-02")


def letters(office: Office) -> None:
    case = office.start("letters", at="2026-03-02")
    office.do(case, "登记", "wang", 结论="同意")
    office.send(case, "终止", "li")


def papers(office: Office) -> None:
    case = office.start("papers", at="2026-03-02")
    office.do(case, "公示准备", "wang")
    office.do(case, "公示结束", "wang", at="2026-03-10")


def rounds(office: Office) -> None:
    case = office.start("rounds", at="2026-03-02")
    for day, answer in enumerate(("不同意", "不同意", "同意"), 3):
        office.do(case, "一轮", "wang", at=f"2026-03-{day:02d}", 结论=answer)


def forget(office: Office) -> None:
    if office.reload:
        office.runtime.live.clear()


@pytest.mark.parametrize("way", [whole_line, both_sides, hands, clocks, letters, papers, rounds])
def test_a_case_goes_the_same_way_kept_in_memory_and_loaded_each_time(
    offices: Callable[[], Office], way: Callable[[Office], None]
) -> None:
    found = []
    for reload in (False, True):
        office = offices()
        office.reload = reload
        way(office)
        found.append(told(office))
    assert found[0] == found[1]


def told(office: Office) -> dict[str, list[dict[str, Any]]]:
    """All rows, with ids named by the order in which they appear."""
    names: dict[str, str] = {}

    def plain(key: str, value: Any) -> Any:
        if key in RANDOM:
            return None
        if isinstance(value, str):
            for token in find_tokens(value):
                value = value.replace(token, names.setdefault(token, f"#{len(names)}"))
        return value

    wanted = ("case", "case_unit", "submission", "history", "incident", "outbox", "paper", "notice", "counter")
    rows = office.everything()
    for name in ("task", "deadline"):
        rows[name].sort(key=lambda row: (row.get("created_at") or row["started_at"], row["node_id"]))
    return {
        name: [{key: plain(key, value) for key, value in row.items()} for row in rows[name]]
        for name in ("task", "deadline", *wanted)
    }


def find_tokens(value: str) -> list[str]:
    return re.findall(r"[0-9a-f]{32}", value)
