"""How examples are written: what is written wrongly is refused with file and step, what differs is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine import topics
from engine.cases import Runtime, scenario
from engine.cases.scenario import ScenarioError, Shift
from engine.cases.scenario.file import START, STEP
from engine.cases.scenario.look import WORDS
from engine.clock.calendar import national
from tests.processes.conftest import ROOT

FOLDER = ROOT / "processes" / "full_online" / "scenarios"
SAMPLES = (FOLDER / "_samples.yaml").read_text(encoding="utf-8")
HEAD = "name: 例子\nprocedure: full_online\nclauses: [S0-12]\nstart: {at: 2026-03-02 09:00, use: 三口之家}\nsteps:\n"


def write(folder: Path, steps: str, name: str = "example.yaml", head: str = HEAD) -> Path:
    """An example in a folder with the usual samples."""
    (folder / "_samples.yaml").write_text(SAMPLES, encoding="utf-8")
    path = folder / name
    path.write_text(head + steps, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "steps, said",
    [
        ("  - {at: 2026-03-02 10:00, doo: check_materials}\n", "第 1 步：不认识 doo"),
        ("  - {at: 明天, do: check_materials}\n", "第 1 步：at 要写日期和时间"),
        ("  - {do: check_materials}\n", "第 1 步：at 要写日期和时间"),
        ("  - {at: 2026-03-02 10:00}\n", "第 1 步：要写 do（办哪一步）"),
        ("  - {at: 2026-03-02 10:00, do: a, message: b}\n", "第 1 步：要写 do（办哪一步）"),
        ("  - {at: 2026-03-02 10:00, do: [\n", "读不出来"),
    ],
)
def test_a_step_that_cannot_be_read_is_refused_with_its_number(tmp_path: Path, steps: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        scenario.read(write(tmp_path, steps))


def test_an_example_may_not_begin_like_itself(tmp_path: Path) -> None:
    head = HEAD.replace("start: {at: 2026-03-02 09:00, use: 三口之家}", "start: {like: example.yaml}")

    with pytest.raises(ScenarioError, match="绕了一圈"):
        scenario.read(write(tmp_path, "  - {at: 2026-03-02 10:00, do: a}\n", head=head))


def test_an_example_that_begins_like_another_has_its_steps_but_not_its_expectations() -> None:
    found = scenario.read(FOLDER / "supplement_never_comes.yaml")

    assert [each.get("do") for each in found.steps[: found.borrowed]] == ["check_materials"] * 3 + ["tell_once"]
    assert not any("expect" in each for each in found.steps[: found.borrowed])


@pytest.mark.parametrize(
    "steps, said",
    [
        ("  - {at: 2026-03-02 10:00, expect: {open: [decide]}}\n", "预期 open = ['decide']，实际 ['check_materials']"),
        ("  - {at: 2026-03-02 10:00, expect: {due: {check_materials: 2026-03-04}}}\n", "'2026-03-03'"),
        ("  - {at: 2026-03-02 10:00, expect: {opened: []}}\n", "不认识的预期「opened」"),
        ("  - {at: 2026-03-02 10:00, do: decide}\n", "「decide」没有打开；现在打开的：check_materials（审查申请材料）"),
        ("  - {at: 2026-03-02 10:00, do: check_materials, by: nobody}\n", "没有账号「nobody」"),
        ("  - {at: 2026-03-02 10:00, do: check_materials, with: {颜色: 红}}\n", "没有 颜色 这些栏目"),
        ("  - {at: 2026-03-02 10:00, do: check_materials, use: 没有}\n", "没有「没有」"),
        ("  - {at: 2026-03-02 10:00, do: check_materials, refused: 超期}\n", "应当被拒绝（超期），却办成了"),
        ("  - {at: 2026-03-02 10:00, message: 异议}\n", "现在不能登记「异议」，可以登记的：撤回申请"),
    ],
)
def test_what_goes_otherwise_than_written_is_said(real_office: Runtime, tmp_path: Path, steps: str, said: str) -> None:
    report = scenario.Run(real_office, scenario.read(write(tmp_path, steps))).play()

    assert said in report.failure
    assert "example.yaml" in report.failure


def test_a_moved_example_keeps_its_distance_in_working_days() -> None:
    move = Shift(national(), date(2026, 3, 2), date(2026, 9, 28))
    third_day = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)

    # 10月1日至7日放假
    assert move(third_day) == datetime(2026, 10, 8, 2, 30, tzinfo=UTC)


def test_a_moved_example_waits_where_a_notice_hangs_longer_than_its_working_days(real_office: Runtime) -> None:
    """张贴后第6个工作日期满拍照；9月20日（星期日）上班，挪过去那一天公示还没有满7日。"""
    example = scenario.read(FOLDER / "approved_without_objection.yaml")
    moved = Shift(real_office.calendar(), date(2026, 3, 2), date(2026, 9, 1))

    report = scenario.Run(real_office, example, shift=moved).play()

    photo = next(event for event in report.events if event.what == "公示期满拍照")
    assert report.ok
    assert photo.at == datetime(2026, 9, 21, 16, 59, 59, tzinfo=UTC)  # an hour after the notice ended
    assert report.events[-1].stage == "确认同意"


def test_a_moved_example_never_goes_on_into_the_future(real_office: Runtime) -> None:
    example = scenario.read(FOLDER / "approved_without_objection.yaml")
    moved = Shift(real_office.calendar(), date(2026, 3, 2), date(2026, 9, 1))
    now = datetime(2026, 9, 21, 3, tzinfo=UTC)

    report = scenario.Run(real_office, example, shift=moved, stop=now).play()

    assert report.ok
    assert max(event.at for event in report.events) <= now
    assert report.events[-1].stage == "公示中"


GUIDE = (ROOT / "processes" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", sorted({*WORDS, *STEP, *START, *topics.REGISTRY}))
def test_the_guide_explains_every_word_that_an_analyst_may_write(word: str) -> None:
    assert f"`{word}`" in GUIDE
