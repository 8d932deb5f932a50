"""`jiuzhu province`: a provincial system for 高龄津贴, to show and to test what happens with a real other side."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
from pathlib import Path

from engine.delivery.errors import SettingsInvalid
from engine.province.link import SECRET, SHORTEST_SECRET
from engine.province.system.ledger import Ledger
from engine.province.system.server import Moods, Province, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="监听地址")
    parser.add_argument("--port", type=int, default=8090, help="监听端口")
    parser.add_argument("--callback", required=True, help="结果返回到哪里，例如 http://127.0.0.1:8000/province/answers")
    parser.add_argument("--file", type=Path, help="数据存在哪个文件（不写则停止后不保留）")
    parser.add_argument("--think", type=float, default=20, help="受理以后几秒出结果")
    parser.add_argument("--slow", type=float, default=0, help="收到以后几秒才应答")
    parser.add_argument("--down", type=int, default=0, help="前几次请求答复“维护中”")
    parser.add_argument("--silent", type=int, default=0, help="前几条收下但没有答复，再报才答复")
    parser.add_argument("--duplicate", action="store_true", help="每个答复返回两次")
    parser.add_argument("--out-of-order", action="store_true", help="先返回结果，后返回回执")
    parser.add_argument("--contradict", action="store_true", help="随后再返回一个相反的结果")
    parser.add_argument("--mute", action="store_true", help="不返回，只能查询")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl+C; the secret that both sides share is in the environment."""
    secret = os.environ.get(SECRET, "")
    if len(secret) < SHORTEST_SECRET:
        raise SettingsInvalid(Path("环境变量"), f" {SECRET}", f"至少 {SHORTEST_SECRET} 位，与报送一方相同")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    names = ("think", "slow", "down", "silent", "duplicate", "out_of_order", "contradict", "mute")
    moods = Moods(**{name: getattr(args, name) for name in names})
    province = Province(secret, args.callback, Ledger(args.file), moods)
    server, _ = serve(province, args.host, args.port)
    worker = threading.Thread(target=province.work, daemon=True)
    worker.start()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        province.stop()
        worker.join(15)
        server.close()
    return 0
