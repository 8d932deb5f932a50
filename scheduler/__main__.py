"""`python -m scheduler --db URL --root PATH`: runs until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import signal
from pathlib import Path

from engine.cases import open_runtime
from scheduler.clock import make


def main() -> None:
    """Wake what is due until SIGTERM or Ctrl+C."""
    parser = argparse.ArgumentParser(prog="scheduler")
    parser.add_argument("--db", required=True)
    parser.add_argument("--root", type=Path, required=True)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job that is still busy is skipped without a word
    runtime = open_runtime(args.db, args.root)
    scheduler = make(runtime)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: scheduler.shutdown(wait=False))
    scheduler.start()


if __name__ == "__main__":
    main()
