"""Which servers, and how many: python -m benchmarks.topology [--users 60] [--minutes 1] [--only "gunicorn …"]

The same load (benchmarks/load) on one alternative after the other, in one run, on one database. Tells of each
what the server's processor spent on a request, which the rest of the machine changes least, beside the times.
"""

import argparse
from pathlib import Path

from benchmarks.load.environment import servers as servers_installed
from benchmarks.load.product import Servers, prepared, serving
from benchmarks.load.running import Load, Result, run
from benchmarks.serving import ROOT

ALTERNATIVES = (
    Servers("uvicorn", 1),
    Servers("uvicorn", 2),
    Servers("uvicorn", 3),
    Servers("gunicorn", 1),
    Servers("gunicorn", 2),
    Servers("uvicorn-worker", 2),
    Servers("granian", 2),
    Servers("split", 1),
    Servers("gunicorn", 2, connections=8),
    Servers("gunicorn", 2, connections=32),
    Servers("gunicorn", 2, threads=4),
    Servers("gunicorn", 2, threads=32),
)
_HEAD = (
    "requests a second",
    "errors",
    "events p95",
    "first words p95",
    "JSON p95",
    "search p50",
    "search p95",
    "ms of processor a request",
    "memory MB",
    "connections",
)


def row(servers: Servers, result: Result) -> str:
    spent = sum(result.processor(name) for name in ("server", "streams") if result.watch.series(f"{name}: processor"))
    held = sum(result.watch.most(f"{name}: memory") for name in ("server", "streams"))
    figures = (
        f"{result.rate:.1f}",
        f"{len(result.errors)}",
        *(f"{result.at(name, 0.95):.0f}" for name in ("chat, events", "chat, events: first words", "chat, JSON")),
        *(f"{result.at('search', share):.0f}" for share in (0.5, 0.95)),
        f"{1000 * spent / max(result.rate, 0.001):.1f}",
        f"{held:.0f}",
        f"{result.watch.most('database: connections'):.0f}",
    )
    return f"| {servers} | " + " | ".join(figures) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--only", action="append", choices=[str(one) for one in ALTERNATIVES])
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "topology")
    options = parser.parse_args()
    servers_installed()
    load = Load("steady", options.users, 60 * options.minutes, ramp=min(20.0, 20 * options.minutes))
    lines = ["| servers | " + " | ".join(_HEAD) + " |", "|---" * (len(_HEAD) + 1) + "|"]
    chosen = [servers for servers in ALTERNATIVES if not options.only or str(servers) in options.only]
    with prepared(users=load.users, editors=load.users, model_seconds=1) as product:
        for number, servers in enumerate(chosen):
            with serving(product, servers):
                lines.append(row(servers, run(product, load, options.out / str(number))))
            print("\n".join(lines), flush=True)  # noqa: T201
    (options.out / "topology.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
