"""Refuses to test without the browser assets: a page without its scripts would fail far from the cause."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "webapp" / "assets" / "src"
BUILT = ROOT / "webapp" / "static" / "build"


def missing_assets() -> list[str]:
    """Names of the entry files in webapp/assets/src that have no built counterpart."""
    entries = [file.name for file in SOURCES.iterdir() if file.suffix in {".js", ".css"}]
    return sorted(name for name in entries if not (BUILT / name).is_file())


@pytest.fixture(scope="session", autouse=True)
def built_assets() -> Path:
    """The folder of the built assets; ends the whole run when something is not built."""
    if missing := missing_assets():
        pytest.exit(f"浏览器资源尚未构建：{'、'.join(missing)}。请运行 python3 dev.py test，它会先构建。", returncode=3)
    return BUILT
