"""A real database with the five places and the demo people in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.people.load import load_demo_people, load_places
from engine.people.roles import Roles, read_roles
from engine.people.scope import Scope, read_scope
from engine.store.database import Store, open_store

PROCESSES = Path(__file__).parents[2] / "processes"


@pytest.fixture(scope="session")
def roles() -> Roles:
    return read_roles(PROCESSES / "policy" / "roles.toml")


@pytest.fixture(scope="session")
def scope() -> Scope:
    return read_scope(PROCESSES / "policy")


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory, roles: Roles) -> Path:
    """Loaded once; every test gets a copy."""
    path = tmp_path_factory.mktemp("people") / "demo.db"
    store = open_store(f"sqlite:///{path}")
    with store.transaction() as session:
        load_places(session, PROCESSES / "places")
        load_demo_people(session, PROCESSES / "places", roles)
    store.close()
    return path


@pytest.fixture
def store(tmp_path: Path, demo_database: Path) -> Iterator[Store]:
    shutil.copy(demo_database, tmp_path / "people.db")
    opened = open_store(f"sqlite:///{tmp_path / 'people.db'}")
    yield opened
    opened.close()
