"""Places of a case: which unit a name in a diagram means."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.people.load import read_places
from engine.people.places import PLACES, is_known, resolve
from engine.people.units import Units

FOLDER = Path(__file__).parents[2] / "processes" / "places"
APPLIED_IN_QIUPU_HUKOU_IN_YAODU = {
    "application_township": "qiupu",
    "hukou_township": "yaodu",
    "hukou_village": "yaodu_yaoshun",
}


@pytest.fixture(scope="module")
def units() -> Units:
    return Units(read_places(FOLDER))


@pytest.mark.parametrize(
    "name, unit_id",
    [
        ("application_township", "qiupu"),
        ("hukou_township", "yaodu"),
        ("hukou_village", "yaodu_yaoshun"),
        ("application_county", "guichi"),
        ("hukou_county", "dongzhi"),
        ("hukou_check", "dongzhi_check"),
        ("hukou_county_check", "dongzhi_check"),
        ("hukou_finance", "dongzhi_finance"),
        ("hukou_center", "dongzhi"),
        ("application_check", "guichi_check"),
        ("city", "chizhou"),
        ("county", "dongzhi"),
        ("check", "dongzhi_check"),
        ("county_check", "dongzhi_check"),
        ("residence_township", None),
        ("residence_county", None),
        ("case", None),
        ("moon", None),
    ],
)
def test_the_hukou_side_decides_and_the_application_side_receives(units: Units, name: str, unit_id: str | None) -> None:
    assert resolve(APPLIED_IN_QIUPU_HUKOU_IN_YAODU, name, units) == unit_id


def test_a_zone_office_checks_itself_because_it_has_no_checking_unit(units: Units) -> None:
    places = {"hukou_township": "jiuhua_zhen"}
    assert resolve(places, "hukou_county", units) == "jiuhuashan"
    assert resolve(places, "hukou_check", units) == "jiuhuashan"
    assert resolve(places, "hukou_finance", units) is None
    assert resolve(places, "city", units) == "chizhou"


def test_the_checking_unit_may_lie_below_the_assistance_center(units: Units) -> None:
    assert resolve({"hukou_township": "shiqiao"}, "hukou_check", units) == "dachuan_check"
    assert resolve({"hukou_township": "shiqiao"}, "hukou_center", units) == "dachuan_center"


def test_a_village_alone_is_enough_to_know_township_and_county(units: Units) -> None:
    assert resolve({"residence_village": "qiupu_huxin"}, "residence_township", units) == "qiupu"
    assert resolve({"residence_village": "qiupu_huxin"}, "residence_county", units) == "guichi"


def test_before_the_hukou_is_known_the_application_side_gives_county_and_city(units: Units) -> None:
    assert resolve({"application_township": "qiupu"}, "county", units) == "guichi"
    assert resolve({}, "city", units) is None


def test_a_place_that_a_form_binds_is_known_with_all_that_follows_from_it(units: Units) -> None:
    assert resolve({"department": "window_city_rs"}, "department", units) == "window_city_rs"
    assert resolve({"school_township": "yinhui"}, "school_county", units) == "guichi"
    assert is_known("department", ["department"])
    assert is_known("school_county", ["school_township"])
    assert is_known("hukou_county_check")
    assert not is_known("school_county")
    assert not is_known("hukou_moon")


def test_every_listed_place_is_known_and_explained_in_chinese() -> None:
    assert len({place.name for place in PLACES}) == len(PLACES)
    for place in PLACES:
        assert is_known(place.name)
        assert place.chinese
        assert place.meaning
