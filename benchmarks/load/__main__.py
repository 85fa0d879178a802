"""Many people at once: python -m benchmarks.load steady [--users 100] [--minutes 5]

The product runs as in production (benchmarks/load/product.py) beside a model that takes a second for 50 words, and
Locust plays its users (benchmarks/load/users.py): of 100 are 30 who ask and get events, 20 who ask and get JSON, 25
who search, 12 who read their history, 8 who log in and out and 5 editors who hand in pages; each waits 1 to 5 seconds
between two actions, editors 5 to 15, those who log in 20. All on this machine. DATABASE_URL names a
PostgreSQL database, beside which one is made for the run, and REDIS_URL a Redis.

Ends with 1 where a target is missed: no errors; and, of ``steady``, chat p95 under 2 s and search p95 under 100 ms.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.load.product import THREADS, Servers, prepared, serving
from benchmarks.load.report import write
from benchmarks.load.running import Load, Result, run
from benchmarks.serving import ROOT

_MOST = {"chat, events": 2000.0, "chat, JSON": 2000.0, "search": 100.0}
"""Milliseconds of the p95."""


def judge(result: Result) -> tuple[bool, list[str]]:
    """Whether the targets are met, and a line for each."""
    lines = [("errors", not result.errors, f"{len(result.errors)}, where none are wanted")]
    for name, most in _MOST.items() if result.load.profile == "steady" else ():
        found = result.at(name, 0.95)
        lines.append((f"{name}, p95", found < most, f"{found:.0f} ms, where less than {most:.0f} are wanted"))
    return all(met for _, met, _ in lines), [
        f"{'met' if met else 'MISSED'}: {name}: {said}" for name, met, said in lines
    ]


def servers_of(parser: argparse.ArgumentParser) -> None:
    kinds = ("uvicorn", "gunicorn", "uvicorn-worker", "granian", "split")
    parser.add_argument("--server", choices=kinds, default="gunicorn")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16, help="To PostgreSQL, of each process.")
    parser.add_argument("--threads", type=int, default=THREADS, help="Of each process, for what blocks.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profile", choices=("steady", "spike"))
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--pause", type=float, nargs=2, default=(1, 5), help="Seconds between questions.")
    parser.add_argument("--model-seconds", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "load")
    servers_of(parser)
    options = parser.parse_args()
    servers = Servers(options.server, options.processes, options.connections, options.threads)
    ramp = min(20.0, 15 * options.minutes)
    load = Load(options.profile, options.users, 60 * options.minutes, ramp, tuple(options.pause))
    made = prepared(users=load.users, editors=load.users, model_seconds=options.model_seconds)
    with made as product, serving(product, servers):
        result = run(product, load, options.out / load.profile)
    met, lines = judge(result)
    write(result, options.out / load.profile, f"Load on {servers}", lines)
    return not met


if __name__ == "__main__":
    sys.exit(main())
