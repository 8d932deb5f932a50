"""Who confirms what, where and since when (A-16)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.people.errors import PlacesInvalid
from engine.people.power import mode, read_power

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy" / "power.toml"
ROW = '[[power]]\nitem = "{}"\nplace = "{}"\nmode = "{}"\nvalid_from = {}\nbasis = "文件"\n'


def test_power_is_devolved_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    assert mode((), "低保", ["qiupu", "341702"], date(2026, 3, 2)) == "下放"
    assert read_power(tmp_path / "none.toml") == ()


def test_the_demonstration_county_confirms_by_itself_since_july() -> None:
    powers = read_power(POLICY)
    places = ["yaodu", "dongzhi", "341721", "chizhou", "341700"]
    assert [mode(powers, "低保", places, date(2026, month, 1)) for month in (6, 7)] == ["下放", "本级"]
    assert [mode(powers, "特困", places, date(2026, month, 1)) for month in (7, 10)] == ["委托", "本级"]
    assert mode(powers, "临时救助", places, date(2026, 7, 1)) == "下放"


def test_the_nearest_place_and_the_item_itself_go_first(tmp_path: Path) -> None:
    path = tmp_path / "power.toml"
    rows = [
        ("全部", "341702", "本级", "2024-01-01"),
        ("低保", "341702", "委托", "2023-01-01"),
        ("全部", "qiupu", "下放", "2025-01-01"),
    ]
    path.write_text("".join(ROW.format(*row) for row in rows), encoding="utf-8")
    powers = read_power(path)
    assert mode(powers, "低保", ["lishan", "341702"], date(2026, 1, 1)) == "委托"
    assert mode(powers, "特困", ["lishan", "341702"], date(2026, 1, 1)) == "本级"
    assert mode(powers, "特困", ["qiupu", "341702"], date(2026, 1, 1)) == "下放"
    assert mode(powers, "特困", ["qiupu", "341702"], date(2024, 6, 1)) == "本级"


@pytest.mark.parametrize(
    "row, said", [(("低保", "x", "代办", "2024-01-01"), "mode"), (("低保", "x", "本级", '"早"'), "valid_from")]
)
def test_a_row_that_is_written_wrongly_is_refused(tmp_path: Path, row: tuple[str, ...], said: str) -> None:
    path = tmp_path / "power.toml"
    path.write_text(ROW.format(*row), encoding="utf-8")
    with pytest.raises(PlacesInvalid, match=said):
        read_power(path)
