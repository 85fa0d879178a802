"""Whether anything grows: python -m benchmarks.soak [--minutes 60] [--users 30]

The mixed load of benchmarks/load at a modest rate, and a look at each process every ten seconds: memory, open files,
threads, connections to PostgreSQL, temporary files, rows that say something is under way, keys in Redis.

The first quarter is warming up: indexes are read, pools and allocators fill. After it a line is laid through what was
seen (Theil and Sen's: the median of the slopes between all pairs, which a few outliers do not move), and what the line
gains until the end must be within a bound. When the load is over, nothing may be under way.

Ends with 1 where something grows or a request fails. ``--minutes 2`` takes two minutes and sees gross leaks only.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from benchmarks.load.__main__ import servers_of
from benchmarks.load.product import Servers, prepared, serving
from benchmarks.load.report import write
from benchmarks.load.running import Load, Result, run
from benchmarks.load.watching import Watch
from benchmarks.serving import ROOT

_PROCESSES = ("server", "worker", "scheduler")
_BOUNDS = {"memory": (0.10, 15.0), "files": (0.10, 10.0), "threads": (0.10, 4.0)}
"""What may be gained after warming up: a share of what there was, or so much, whichever is more."""
_OTHERS = {"database: connections": (0.10, 4.0), "temporary files": (0.0, 4.0)}
_UNDER_WAY = ("database: answers that are written", "database: versions under way", "database: job runs under way")
_POINTS = 200


def gained(series: Sequence[tuple[float, float]]) -> float:
    """By Theil and Sen's line, from the first to the last."""
    thinned = series[:: max(1, len(series) // _POINTS)]
    slopes = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in combinations(thinned, 2)]
    return statistics.median(slopes) * (series[-1][0] - series[0][0]) if slopes else 0.0


def judge(result: Result, rest: Watch) -> tuple[bool, list[str]]:
    bounds = {f"{name}: {what}": bound for name in _PROCESSES for what, bound in _BOUNDS.items()} | _OTHERS
    good, lines = not result.errors, [f"{len(result.errors)} errors"]
    for name, (share, least) in bounds.items():
        series = [one for one in result.watch.series(name) if one[0] >= result.began + result.load.seconds / 4]
        if not series:
            continue
        gain = gained(series)
        first = statistics.median(value for _, value in series[: max(1, len(series) // 10)])
        grows = gain > max(share * first, least)
        good &= not grows
        lines.append(f"{'GROWS' if grows else 'steady'}: {name}: {first:.0f}, {gain:+.1f} until the end")
    for name in _UNDER_WAY:
        stuck = rest.last(name)
        good &= not stuck
        lines.append(f"{'STUCK' if stuck else 'none'}: {name} when all was over: {stuck:.0f}")
    keys = result.watch.series("Redis: keys")
    lines.append(f"Redis: {keys[0][1]:.0f} keys at first, {rest.last('Redis: keys'):.0f} at last (all of them expire)")
    return good, lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "soak")
    servers_of(parser)
    options = parser.parse_args()
    servers = Servers(options.server, options.processes, options.connections, options.threads)
    load = Load("steady", options.users, 60 * options.minutes, ramp=min(20.0, 15 * options.minutes))
    with prepared(users=load.users, editors=load.users, model_seconds=1) as product, serving(product, servers):
        result = run(product, load, options.out, sampled=min(10.0, load.seconds / 60))
        with Watch(product, 1.0) as rest:
            until = time.monotonic() + 60
            while time.monotonic() < until and (not rest.samples or any(map(rest.last, _UNDER_WAY))):
                time.sleep(0.5)
    good, lines = judge(result, rest)
    write(result, options.out, f"Soak of {servers}", lines)
    return not good


if __name__ == "__main__":
    sys.exit(main())
