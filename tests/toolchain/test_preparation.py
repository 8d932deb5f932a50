"""A preparation that was broken off, moved or outdated is made good; one that is up to date costs nothing."""

import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

import dev
from bench.__main__ import BENCHMARKS


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text("flask==3.1.3\n")
    return file


def test_what_was_made_once_is_not_made_again(tmp_path: Path, source: Path) -> None:
    dev.Stamp(tmp_path / "made" / "stamp", [source]).write()
    assert dev.Stamp(tmp_path / "made" / "stamp", [source]).holds()


def test_what_was_never_completed_is_made_again(tmp_path: Path, source: Path) -> None:
    assert not dev.Stamp(tmp_path / "stamp", [source]).holds()


def test_a_change_in_a_source_makes_it_again(tmp_path: Path, source: Path) -> None:
    dev.Stamp(tmp_path / "stamp", [source]).write()
    source.write_text("flask==3.1.4\n")
    assert not dev.Stamp(tmp_path / "stamp", [source]).holds()


def test_a_touched_but_unchanged_source_makes_nothing_again(tmp_path: Path, source: Path) -> None:
    dev.Stamp(tmp_path / "stamp", [source]).write()
    source.write_text(source.read_text())
    assert dev.Stamp(tmp_path / "stamp", [source]).holds()


def test_a_renamed_source_makes_it_again(tmp_path: Path, source: Path) -> None:
    dev.Stamp(tmp_path / "stamp", [source]).write()
    renamed = source.rename(tmp_path / "other.lock")
    assert not dev.Stamp(tmp_path / "stamp", [renamed]).holds()


def test_content_moved_between_two_sources_makes_it_again(tmp_path: Path) -> None:
    one, two = tmp_path / "a", tmp_path / "b"
    one.write_text("xy")
    two.write_text("z")
    before = dev.digest([one, two])
    one.write_text("x")
    two.write_text("yz")
    assert dev.digest([one, two]) != before


@pytest.fixture(scope="module")
def made_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real environment; pip is lent to it by a path entry, which is much quicker than installing it."""
    folder = tmp_path_factory.mktemp("place") / ".venv"
    venv.create(folder, with_pip=False, symlinks=True)
    import pip

    packages = next(folder.glob("lib/python3*/site-packages"))
    (packages / "pip").symlink_to(Path(pip.__file__).parent)
    return folder


def test_a_whole_environment_is_kept(made_venv: Path) -> None:
    assert dev.venv_works(made_venv)


def test_an_environment_whose_installation_was_broken_off_is_made_anew(made_venv: Path) -> None:
    (made_venv / "installing").touch()
    try:
        assert not dev.venv_works(made_venv)
    finally:
        (made_venv / "installing").unlink()


def test_an_environment_that_was_moved_is_made_anew(made_venv: Path, tmp_path: Path) -> None:
    config = (made_venv / "pyvenv.cfg").read_text()
    moved = tmp_path / ".venv"
    moved.mkdir()
    for entry in made_venv.iterdir():
        if entry.name != "pyvenv.cfg":
            (moved / entry.name).symlink_to(entry)
    (moved / "pyvenv.cfg").write_text(f"{config}command = {sys.executable} -m venv {made_venv}\n")
    assert not dev.venv_works(moved)


@pytest.mark.parametrize("left", ["nothing", "an empty folder", "no python", "a python that does not start"])
def test_a_broken_environment_is_made_anew(tmp_path: Path, left: str) -> None:
    folder = tmp_path / ".venv"
    if left != "nothing":
        (folder / "bin").mkdir(parents=True)
    if left not in ("nothing", "an empty folder"):
        (folder / "pyvenv.cfg").write_text("home = /nowhere\n")
    if left == "a python that does not start":
        (folder / "bin" / "python").symlink_to(tmp_path / "gone")
    assert not dev.venv_works(folder)


def test_a_step_that_fails_keeps_its_output_and_says_what_to_do() -> None:
    with pytest.raises(dev.StepFailed) as failure:
        dev.step("试一试", [sys.executable, "-c", "print('连接不上'); raise SystemExit(3)"], "请检查网络")
    assert failure.value.title == "试一试"
    assert "连接不上" in failure.value.output
    assert failure.value.advice == "请检查网络"


def test_a_step_tells_its_name_and_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    dev.step("试一试", [sys.executable, "-c", ""], "")
    first, second = capsys.readouterr().out.splitlines()
    assert "试一试" in first
    assert "秒" in second


def test_two_preparations_do_not_work_at_the_same_time(tmp_path: Path) -> None:
    lock = tmp_path / "dev.lock"
    hold = f"with dev.alone(pathlib.Path({str(lock)!r})): print('in', flush=True); time.sleep(0.4)"
    other = f"import dev, pathlib, time\n{hold}"
    with subprocess.Popen([sys.executable, "-c", other], cwd=dev.ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        started = time.monotonic()
        with dev.alone(lock):
            waited = time.monotonic() - started
    assert waited > 0.2


def test_a_failed_check_fails_the_whole_but_hides_no_other(capfd: pytest.CaptureFixture[str]) -> None:
    wanted = {"先": ["python", "-c", "raise SystemExit(1)"], "后": ["python", "-c", "print('还在检查')"]}
    assert dev.run_checks(wanted) == 1
    shown = capfd.readouterr().out
    assert "还在检查" in shown
    assert "未过  先" in shown
    assert "通过  后" in shown


def test_all_checks_passing_is_success() -> None:
    assert dev.run_checks({"唯一": ["python", "-c", ""]}) == 0


def test_an_unknown_command_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["serve"]) == 2
    assert "用法" in capsys.readouterr().out


def test_the_usage_names_every_benchmark() -> None:
    line = next(line for line in dev.USAGE.splitlines() if line.startswith("  bench"))
    assert line.partition("：")[2].partition("；")[0].split("、") == list(BENCHMARKS)
