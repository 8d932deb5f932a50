"""Serves the pages: python -m webapp --db URL --port N --root PATH [--host ADDRESS] [--threads N]."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
from pathlib import Path

import waitress
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.cases import open_runtime
from webapp.app import create_app
from webapp.security import UPLOAD_BYTES


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m webapp", description="提供网页服务")
    parser.add_argument("--db", required=True, help="数据库地址，例如 sqlite:///var/jiuzhu.db")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="程序目录（其中有 processes/ 和 var/）")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址")
    parser.add_argument("--port", type=int, default=8000, help="监听端口")
    parser.add_argument("--threads", type=int, default=8, help="同时处理的请求数")
    parser.add_argument("--proxies", type=int, default=0, help="前面有几层反向代理（0 表示没有）")
    return parser.parse_args()


def find_secret(var: Path) -> str:
    """The key that signs sessions: JIUZHU_SECRET_KEY, else a random one kept in var/ for this installation alone."""
    if given := os.environ.get("JIUZHU_SECRET_KEY"):
        return given
    file, fresh = var / "secret.key", var / f"secret.{os.getpid()}"
    var.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as target:
        target.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):  # of several that start at once, the first one's key counts
        file.hardlink_to(fresh)
    fresh.unlink()
    return file.read_text(encoding="ascii")


def main() -> None:
    """Open the runtime and serve until stopped."""
    arguments = read_arguments()
    runtime = open_runtime(arguments.db, arguments.root)
    app = create_app(runtime, secret_key=find_secret(arguments.root / "var"))
    behind = arguments.proxies
    site = ProxyFix(app, x_for=behind, x_proto=behind, x_host=behind) if behind else app
    waitress.serve(
        site,
        host=arguments.host,
        port=arguments.port,
        threads=arguments.threads,
        max_request_body_size=4 * UPLOAD_BYTES,  # a little too much is refused by a page in Chinese
        ident=None,
        _quiet=True,
    )


if __name__ == "__main__":
    main()
