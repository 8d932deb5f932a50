"""A step that is done again: its files need not be chosen again, and nobody else's can be slipped in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine.cases import scenario
from engine.cases.scenario import Run
from engine.store import tables
from tests.support.app import ROOT, World, answers

EXAMPLE = ROOT / "processes" / "full_online" / "scenarios" / "survey_corrected.yaml"
KEPT = re.compile(
    r'<input type="checkbox" name="housePhotos" value="([0-9a-f]{64})" checked> <span>保留已有文件：([^<]+)'
)


@pytest.fixture
def visit(world: World) -> tuple[str, dict[str, Any]]:
    """The task of a home visit that was sent back for correction, and its answers without any photo."""
    example = scenario.read(EXAMPLE)
    report = Run(world.runtime, replace(example, steps=example.steps[:-4])).play()
    assert report.ok, report.failure
    world.clock.now = scenario.moment("2026-03-03 14:00")
    t = tables.task
    with world.runtime.store.transaction(write=False) as session:
        found = session.execute(select(t.c.id).where(t.c.node_id == "visit", t.c.status == "open")).scalar_one()
    said = answers(world, "home_survey", **example.samples["完成调查"])
    return str(found), {**said, "housePhotos": []}


def test_the_photos_of_the_first_visit_are_kept_when_the_survey_is_corrected(
    world: World, visit: tuple[str, dict[str, Any]]
) -> None:
    task_id, said = visit
    desk = world.desk("qp_survey1")
    ((digest, name),) = KEPT.findall(desk.get(f"/desk/tasks/{task_id}").text)

    answer = desk.post(f"/desk/tasks/{task_id}", {**said, "housePhotos": digest})

    assert name == "现场照片.png"
    assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)
    s = tables.submission
    newest = select(s.c["values"]).where(s.c.form_id == "home_survey").order_by(s.c.id.desc()).limit(1)
    with world.runtime.store.transaction(write=False) as session:
        kept = session.execute(newest).scalar_one()["housePhotos"]
    assert [(each["sha256"], each["name"]) for each in kept] == [(digest, name)]


def test_a_file_that_this_step_never_had_cannot_be_kept(world: World, visit: tuple[str, dict[str, Any]]) -> None:
    task_id, said = visit
    desk = world.desk("qp_survey1")
    desk.get(f"/desk/tasks/{task_id}")

    answer = desk.post(f"/desk/tasks/{task_id}", {**said, "housePhotos": "0" * 64})

    assert answer.status_code == 422
    assert "先前上传的文件找不到了，请重新上传" in answer.text
