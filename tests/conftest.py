"""Joins the fixtures of tests/support and marks by itself the tests that need a browser or PostgreSQL."""

from pathlib import Path

import pytest

SUPPORT = Path(__file__).parent / "support"
FIXTURES = (
    "assets",
    "postgres",
    "office",
    "pages",
    "app",
)  # the other modules of support/ are imported by those who want them

pytest_plugins = [f"tests.support.{name}" for name in FIXTURES if (SUPPORT / f"{name}.py").exists()]

MARKER_OF_FIXTURE = {"browser": "browser", "postgres_url": "postgres"}


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses, directly or through another fixture, a real browser or a real PostgreSQL."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in MARKER_OF_FIXTURE:
                item.add_marker(MARKER_OF_FIXTURE[fixture])
