"""帮办代办: the village sees whom it helped and where it stands, the county what comes of it; strangers see nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from engine.cases import scenario
from tests.support.app import ROOT, World

EXAMPLES = ROOT / "processes" / "handheld" / "scenarios"


@pytest.fixture
def helped(world: World) -> str:
    """A family that was visited and applied for; the number of the visit's case."""
    return play(world, "agent_at_home.yaml", "2026-03-03 11:05")


def play(world: World, name: str, until: str) -> str:
    run = scenario.Run(world.runtime, scenario.read(EXAMPLES / name), until=scenario.moment(until))
    report = run.play()
    assert not report.failure, report.failure
    world.clock.now = scenario.moment(until)
    return report.number


def test_the_agent_sees_the_family_with_all_that_was_applied_for(world: World, helped: str) -> None:
    agent = world.desk("dc_village")
    assert "周大爷" not in agent.get("/desk/helping/?which=closed").text  # the visit is done, what it began isn't
    text = agent.get("/desk/helping/").text
    for words in ("周大爷", "已代办", "高龄津贴：村（社区）登记", "医疗救助：已提出申请", "511703QT202603030009"):
        assert words in text
    assert "511703GL" in text


def test_a_family_that_waits_comes_first_with_its_date_and_telephone(world: World) -> None:
    play(world, "agent_at_home.yaml", "2026-03-02 09:05")
    text = world.desk("dc_village").get("/desk/helping/").text
    for words in ("周大爷", "待上门", "2026-03-04", 'href="tel:13900000001"', "登记需要上门"):
        assert words in text


def test_another_village_sees_none_of_it_and_other_posts_have_no_such_page(world: World, helped: str) -> None:
    assert "周大爷" not in world.desk("dc_village2").get("/desk/helping/?which=all").text
    assert world.desk("dc_check").get("/desk/helping/").status_code == 404
    assert "帮办代办" not in world.desk("dc_check").get("/desk/").text


def test_what_the_village_registers_for_somebody_comes_by_its_own_channel(world: World) -> None:
    page = world.desk("dc_village").get("/desk/register/").text
    assert "代为登记" in page
    assert "窗口登记" in world.desk("dc_window").get("/desk/register/").text


def test_the_county_sees_what_comes_of_help_by_village_and_channel(world: World, helped: str) -> None:
    play(world, "granted_by_province.yaml", "2026-03-04 16:01")
    county = world.desk("dc_inspect1")
    text = county.get("/desk/helping/results?first=2026-03-01&last=2026-03-31").text
    for words in ("百节社区", "手机、网上", "村级代办", "合计"):
        assert words in text
    assert "百节社区" not in county.get("/desk/helping/results?first=2025-03-01&last=2025-03-31").text
    assert world.desk("dc_village").get("/desk/helping/results").status_code == 403


def test_the_file_has_a_row_a_village_and_a_sum(world: World, helped: str) -> None:
    answer = world.desk("dc_county").get("/desk/helping/results/export?first=2026-03-01&last=2026-03-31")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "帮办代办成效（2026-03-01至2026-03-31）"
    assert rows[1][:3] == ["村（社区）", "登记上门", "已上门"]
    assert [row[1:3] + row[5:] for row in rows[2:]] == [[1, 1, 1, 0, 1]] * 2  # the village, and all together
    assert rows[-1][0] == "合计"


def test_a_wrong_date_in_the_address_means_this_year(world: World, helped: str) -> None:
    text = world.desk("dc_county").get("/desk/helping/results?first=nonsense&last=2026-99-99").text
    assert 'value="2026-01-01"' in text


def test_who_waits_too_long_is_named_with_a_way_to_urge(world: World) -> None:
    play(world, "visit_late_then_guided.yaml", "2026-03-05 09:00")
    text = world.desk("dc_inspect2").get("/desk/helping/results").text
    assert "周大爷" in text.partition("超期还没有办的")[2]
    assert "督办单" in text
