"""The tree of units: real names, functional zones, who lies above whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.people.errors import PlacesInvalid, UnitsInCircle, UnitUnknown
from engine.people.load import read_places
from engine.people.units import Unit, Units, area_name, organ_name, with_paths

PLACES = Path(__file__).parents[2] / "processes" / "places"


@pytest.fixture(scope="module")
def units() -> Units:
    return Units(read_places(PLACES))


def test_a_street_lies_in_its_district_and_its_city(units: Units) -> None:
    assert [unit.name for unit in units.ancestors("qiupu")] == ["贵池区民政局", "池州市民政局"]
    assert units.get("qiupu").path == "/chizhou/guichi/qiupu/"
    assert units.is_within("qiupu_huxin", "guichi")
    assert units.is_within("guichi", "guichi")
    assert not units.is_within("yaodu", "guichi")


def test_a_functional_zone_counts_as_a_county_without_a_code_of_its_own(units: Units) -> None:
    for township, office in (("jiuhua_zhen", "九华山社保局"), ("kaifaqu_zone", "开发区社会事务局")):
        county = units.county_of(township)
        assert county is not None
        assert (county.name, county.region_code, county.functional_zone) == (office, "", True)
        assert units.region_of(township) == "341700"


def test_a_county_level_city_has_no_city_bureau_above_it(units: Units) -> None:
    county = units.county_of("boao")
    assert county is not None
    assert (county.name, county.region_code) == ("琼海市民政局", "469002")
    assert units.city_of("boao") is None


@pytest.mark.parametrize(
    "region, expected",
    [
        ("341702", {"秋浦街道", "殷汇镇", "乌沙镇"}),
        ("341721", {"尧渡镇", "木塔乡"}),
        ("469002", {"博鳌镇", "彬村山华侨经济区"}),
        ("511703", {"三里坪街道", "石桥镇"}),
        ("150621", {"树林召镇", "展旦召苏木"}),
    ],
)
def test_every_place_has_its_real_townships(units: Units, region: str, expected: set[str]) -> None:
    assert expected <= {unit.name for unit in units.in_region(region, "township")}


def test_a_select_offers_townships_by_county_with_the_zones_of_the_city(units: Units) -> None:
    groups = dict(units.townships("3417"))

    assert set(groups) == {"贵池区", "东至县", "石台县", "青阳县", "九华山", "开发区"}
    assert {unit.name for unit in groups["九华山"]} == {"九华镇", "九华乡"}
    assert len(groups["贵池区"]) == 20


def test_names_are_written_as_on_papers(units: Units) -> None:
    assert units.full_name("qiupu_huxin") == "贵池区秋浦街道湖心社区"
    assert organ_name(units.get("qiupu")) == "秋浦街道办事处"
    assert organ_name(units.get("yaodu")) == "尧渡镇人民政府"
    assert organ_name(units.get("bincunshan")) == "彬村山华侨经济区管委会"
    assert organ_name(units.get("zhandanzhao")) == "展旦召苏木人民政府"
    assert organ_name(units.get("qiupu_huxin")) == "湖心社区居民委员会"
    assert area_name(units.get("guichi")) == "贵池区"


def test_the_city_that_its_document_does_not_name_has_eleven_departments_and_three_pilots(units: Units) -> None:
    departments = units.children("window_city", "county_dept")
    assert len([unit for unit in departments if unit.is_valid_on(date(2026, 3, 2))]) == 11
    townships = [unit.id for unit in units.children("window_city", "township")]
    assert len([unit_id for unit_id in townships if "pilot" in unit_id]) == 3


def test_the_complaint_phone_of_a_street_is_the_one_of_its_city(units: Units) -> None:
    assert units.complaint_phone_of("qiupu") == "12345"


def test_an_unknown_unit_is_named_in_the_message(units: Units) -> None:
    with pytest.raises(UnitUnknown, match="atlantis"):
        units.get("atlantis")


def test_units_above_one_another_are_refused() -> None:
    circle = [Unit("a", "甲", "township", "b", ""), Unit("b", "乙", "county_ca", "a", "")]
    with pytest.raises(UnitsInCircle, match="a、b"):
        with_paths(circle)


@pytest.mark.parametrize(
    "text, message",
    [
        ('[[unit]]\nid = "x"\nname = "某局"\nkind = "office"', "类型「office」不存在"),
        ('[[unit]]\nid = "x"\nname = "某局"', "缺少 kind"),
        ('[[unit]]\nid = "x"\nname = "某局"\nkind = "audit"\ntelephone = "1"', "不认识的项 telephone"),
        (
            '[[unit]]\nid = "x"\nname = "某局"\nkind = "county_ca"\nfunctional_zone = true\nregion_code = "341700"',
            "功能区没有自己的行政区划代码",
        ),
        ('[[unit]]\nid = "x"\nname = "某局"\nkind = "audit"\nvalid_to = "2026"', "valid_to 请写成日期"),
        ("[[unit", "不是合格的 TOML"),
    ],
)
def test_a_mistake_in_a_file_of_units_is_told_with_file_and_row(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "somewhere.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlacesInvalid, match=message) as caught:
        read_places(tmp_path)
    assert "somewhere.toml" in caught.value.message


def test_an_id_used_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text('[[unit]]\nid = "x"\nname = "某局"\nkind = "audit"', encoding="utf-8")
    with pytest.raises(PlacesInvalid, match="这个编号已经用过"):
        read_places(tmp_path)
