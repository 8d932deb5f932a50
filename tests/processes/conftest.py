"""An office with the real diagrams, forms, places and people of this checkout, and no case in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cases import Runtime, demo
from tests.support.office import database_at

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The office on SQLite; examples leave their cases in it and don't see each other's."""
    runtime = demo.empty_office(f"sqlite:///{tmp_path_factory.mktemp('real') / 'office.db'}", ROOT)
    yield runtime
    runtime.store.close()


@pytest.fixture(scope="session")
def real_office_on_server(postgres_url: str) -> Iterator[Runtime]:
    """The same on PostgreSQL."""
    with database_at(postgres_url) as url:
        runtime = demo.empty_office(url, ROOT)
        yield runtime
        runtime.store.close()
