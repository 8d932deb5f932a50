"""The pinned packages carry hashes and name no place to fetch them from: that is for the machine's own settings."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements.lock"
ASSETS = ROOT / "webapp" / "assets"


def test_the_python_lock_names_no_address() -> None:
    assert "://" not in REQUIREMENTS.read_text()
    assert not re.search(r"^\s*--(index|extra-index|find-links)", REQUIREMENTS.read_text(), re.MULTILINE)


def test_every_python_package_is_pinned_with_a_hash() -> None:
    entries = re.split(r"\n(?=\S)", REQUIREMENTS.read_text().strip())
    assert len(entries) > 40
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_every_package_asked_for_is_in_the_lock() -> None:
    asked = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and line[0] != "#"]
    names = {re.split(r"[<>=\[]", line)[0].lower() for line in asked}
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==", REQUIREMENTS.read_text(), re.MULTILINE))
    assert names - pinned == set()


def test_the_browser_lock_names_no_address_and_keeps_every_digest() -> None:
    packages = json.loads((ASSETS / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package.get("integrity")] == []


def test_locking_again_keeps_addresses_out_of_the_browser_lock() -> None:
    assert "omit-lockfile-registry-resolved=true" in (ASSETS / ".npmrc").read_text().splitlines()


def test_the_continuous_check_is_the_developers_own() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if "python" in line]
    assert len(commands) == 1
    assert commands[0].endswith("python3 dev.py test")
