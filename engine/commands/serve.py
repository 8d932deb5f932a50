"""`jiuzhu serve`: prepares the store and watches over the web pages, the scheduler and, with --demo, a province."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import secrets
import signal
import socket
import subprocess
import sys
import time

from engine.cases import demo
from engine.commands.common import now, open_runtime, store_arguments, url
from engine.commands.store import deploy_folder
from engine.province.link import FILE, SECRET, URL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    store_arguments(parser)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--demo", action="store_true", help="载入演示人员和办件")
    parser.add_argument("--no-province", action="store_true", help="不启动演示用的省系统")
    parser.add_argument("--no-scheduler", action="store_true", help="不启动期限唤醒（另有进程负责时）")


def run(args: argparse.Namespace) -> int:
    """Prepare the store, then watch over its processes: web pages, scheduler and, with --demo, a provincial system."""
    if taken := _taken(args.host, args.port):
        print(taken, file=sys.stderr)
        return 1
    args.root.joinpath("var").mkdir(exist_ok=True)
    runtime = open_runtime(args)
    print(deploy_folder(runtime, args.root), flush=True)
    if args.demo:
        demo.load(runtime, args.root, now(), say=lambda text: print(text, flush=True))
    accounts = demo.accounts_text(runtime, args.root) if args.demo else ""
    runtime.store.close()
    common = ["--db", url(args), "--root", str(args.root)]
    web = [sys.executable, "-m", "webapp", *common, "--host", args.host, "--port", str(args.port)]
    children: list[subprocess.Popen[bytes]] = []
    province = _province(args) if args.demo and not args.no_province else []
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        children.append(subprocess.Popen(web))
        if not args.no_scheduler:
            children.append(subprocess.Popen([sys.executable, "-m", "scheduler", *common]))
        if province:
            children.append(subprocess.Popen(province))
        if _answers(args.host, args.port, children[0]):
            print(f"请在浏览器打开 http://{args.host}:{args.port} ，按 Ctrl+C 停止", accounts, sep="\n", flush=True)
        return _first_to_end(children)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(children)


def _province(args: argparse.Namespace) -> list[str]:
    """The command that runs a provincial system for the demonstration, which the others find through the environment;
    none where this installation has a province of its own."""
    if URL in os.environ or (args.root / FILE).exists():
        return []
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    os.environ[URL], os.environ[SECRET] = f"http://127.0.0.1:{port}", secrets.token_hex(16)
    here = "127.0.0.1" if args.host == "0.0.0.0" else args.host  # noqa: S104
    command = [sys.executable, "-m", "engine.commands", "province", "--port", str(port)]
    return [*command, "--callback", f"http://{here}:{args.port}/province/answers", "--think", "20"]


def _taken(host: str, port: int) -> str:
    """Why nothing can listen there, and what to do; empty if it can."""
    try:
        with socket.create_server((host, port)):
            return ""
    except OSError as error:
        reason = "正被别的程序占用（也许本系统已经启动）" if error.errno == errno.EADDRINUSE else f"不能使用（{error}）"
        return f"地址 http://{host}:{port} {reason}。请先停止它，或者换一个端口，例如：--port {port + 1}"


def _answers(host: str, port: int, web: subprocess.Popen[bytes]) -> bool:
    """Wait until the pages can be opened; False if the web process ended instead."""
    while web.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
            return web.poll() is None
        time.sleep(0.1)
    return False


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        child.wait(15)


def _first_to_end(children: list[subprocess.Popen[bytes]]) -> int:
    while True:
        for child in children:
            try:
                return child.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
