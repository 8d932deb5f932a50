"""The table of what may stop the clock: a basis and a length for each kind, and where it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock.calendar import national
from engine.clock.days import end_of
from engine.clock.deadline import derive
from engine.clock.errors import RegisterInvalid
from engine.clock.limits import parse_limit
from engine.clock.pause_kinds import load_pause_kinds
from engine.clock.pauses import Pause

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy" / "pauses.toml"
KIND = '[[pause]]\nid = "补正"\nname = "补充材料"\nbasis = "文件"\nlimit = "10个工作日"\nenabled = false\n'


def table(path: Path, text: str) -> Path:
    found = path / "pauses.toml"
    found.write_text(text, encoding="utf-8")
    return found


def test_nationally_only_an_expert_examination_stops_the_clock() -> None:
    known = load_pause_kinds(POLICY)
    day = date(2026, 11, 24)
    terms = {kind: known.terms(kind, [], day) for kind in known.kinds}
    assert {kind for kind, found in terms.items() if found and found.enabled} == {"鉴定"}


def test_a_place_switches_a_kind_on_from_a_day(tmp_path: Path) -> None:
    override = '[[override]]\nid = "补正"\nplace = "341721"\nvalid_from = 2026-07-01\nenabled = true\nbasis = "本县"\n'
    known = load_pause_kinds(table(tmp_path, KIND + override))
    found = [known.terms("补正", ["yaodu", "341721"], date(2026, month, 1)) for month in (6, 7)]
    assert [(terms.enabled, terms.basis) for terms in found if terms] == [(False, "文件"), (True, "本县")]
    assert known.terms("补正", ["341702"], date(2026, 7, 1)) == found[0]
    assert known.terms("没有", [], date(2026, 7, 1)) is None


@pytest.mark.parametrize(
    "text, said",
    [
        (KIND.replace('basis = "文件"\n', ""), "缺少 basis"),
        (KIND.replace('limit = "10个工作日"\n', ""), "缺少 limit"),
        (KIND.replace('"文件"', '" "'), "basis 不能为空"),
        (KIND.replace("10个工作日", "很久"), "很久"),
        (KIND.replace("false", '"否"'), "enabled"),
        (KIND + KIND, "编号重复"),
        (
            KIND + "[[override]]\nid = '补证'\nplace = 'x'\nvalid_from = 2026-07-01\nenabled = true\nbasis = 'y'\n",
            "补证",
        ),
        (
            KIND + "[[override]]\nid = '补正'\nplace = 'x'\nvalid_from = '明天'\nenabled = true\nbasis = 'y'\n",
            "valid_from",
        ),
    ],
)
def test_a_table_that_is_written_wrongly_is_refused_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RegisterInvalid, match=said):
        load_pause_kinds(table(tmp_path, text))


def test_without_a_table_nothing_stops_the_clock(tmp_path: Path) -> None:
    assert load_pause_kinds(tmp_path / "none.toml").kinds == {}


def test_a_pause_that_lasts_to_the_end_of_a_day_takes_that_day() -> None:
    monday = datetime(2026, 3, 2, 2, tzinfo=UTC)
    until = end_of(date(2026, 3, 4))
    found = derive(monday, parse_limit("5个工作日"), national(2026), pauses=[Pause(monday, until)])
    shorter = derive(
        monday, parse_limit("5个工作日"), national(2026), pauses=[Pause(monday, until - timedelta(seconds=1))]
    )
    assert (found.due_on, shorter.due_on) == (date(2026, 3, 11), date(2026, 3, 10))
