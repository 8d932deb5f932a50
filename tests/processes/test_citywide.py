"""市内通办: what its dated examples cannot say, bad input above all."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import delete, select, update

from engine.cases import Runtime, scenario
from engine.cases.scenario.file import Scenario
from engine.store import tables
from engine.store.handovers import package
from tests.processes.conftest import ROOT

FOLDER = ROOT / "processes" / "citywide" / "scenarios"
APPROVED = scenario.read(FOLDER / "approved_both_townships.yaml")


class Tampering(scenario.Run):
    """Plays an example, and changes something behind the office's back before the package is received."""

    done = False

    def tamper(self, session: Any, case_id: int) -> None:
        """What somebody does to the database."""
        raise NotImplementedError

    def _step(self, where: str, this: Any, now: Any) -> None:
        if this.get("do") == "receive_package" and this.get("by") == "yd_clerk" and not self.done:
            with self.runtime.store.transaction() as session:
                self.tamper(session, self._case_id)
            self.done = True
        super()._step(where, this, now)


class MaterialExchanged(Tampering):
    def tamper(self, session: Any, case_id: int) -> None:
        a = tables.attachment
        other = select(a.c.sha256).where(a.c.case_id == case_id, a.c.field == "idCardFile").limit(1).scalar_subquery()
        session.execute(update(a).where(a.c.case_id == case_id, a.c.field == "housePhotos").values(sha256=other))


class MaterialGone(Tampering):
    def tamper(self, session: Any, case_id: int) -> None:
        a = tables.attachment
        session.execute(delete(a).where(a.c.case_id == case_id, a.c.field == "housePhotos"))


class ListRewritten(Tampering):
    def tamper(self, session: Any, case_id: int) -> None:
        listed = session.execute(select(package.c.contents).where(package.c.case_id == case_id)).scalar_one()
        session.execute(update(package).where(package.c.case_id == case_id).values(contents=listed[:-1]))


def test_a_photograph_exchanged_after_the_hand_over_is_not_received(real_office: Runtime) -> None:
    assert "内容不符" in _refused(real_office, MaterialExchanged)


def test_a_material_that_is_gone_after_the_hand_over_is_named(real_office: Runtime) -> None:
    assert "材料「housePhotos：" in _refused(real_office, MaterialGone)


def test_a_rewritten_list_differs_from_its_checksum(real_office: Runtime) -> None:
    assert "移交清单与校验码不符" in _refused(real_office, ListRewritten)


def test_a_township_that_was_dissolved_cannot_be_chosen_as_the_hukou_township(real_office: Runtime) -> None:
    u = tables.unit
    with real_office.store.transaction() as session:
        session.execute(update(u).where(u.c.id == "longquan").values(valid_to=date(2026, 2, 28)))
        real_office.refresh(session)
    try:
        gone = {**APPROVED.start, "with": {"hukouRegion": "longquan", "hukouVillage": "longquan_longquan"}}
        report = scenario.Run(real_office, Scenario(**{**vars(APPROVED), "start": gone, "steps": ()})).play()
    finally:
        with real_office.store.transaction() as session:
            session.execute(update(u).where(u.c.id == "longquan").values(valid_to=None))
            real_office.refresh(session)
    assert "hukouRegion：选项“longquan”不在可选范围内" in (report.failure or "")


def _refused(office: Runtime, how: type[Tampering]) -> str:
    """What the second township is told differs, when somebody tampered with the package of the example."""
    run = how(office, APPROVED, until=scenario.moment("2026-03-12 10:00"))
    report = run.play()
    assert report.ok, report.failure
    h, t = tables.history, tables.task
    with office.store.transaction(write=False) as session:
        here = (t.c.case_id == report.case_id, t.c.status == "open")
        assert session.execute(select(t.c.node_id).where(*here)).scalars().all() == ["examine_mismatch"]
        said = select(h.c.details).where(h.c.case_id == report.case_id, h.c.name == "核验移交包")
        return str(session.execute(said).scalars().one())
