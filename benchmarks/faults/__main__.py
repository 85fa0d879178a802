"""The product under faults: python -m benchmarks.faults [--faults 300] [--seed 1] [--rows 'redis-*'] [--minutes 10]

A server, two workers and a scheduler run with production settings on a PostgreSQL, a Redis and stand-ins for Mistral
and Pinecone of their own, in a network and a tree of processes of their own: it has to be started as root on Linux,
with PostgreSQL, Redis, iptables and, for the clock, a C compiler installed. Some people use it without a pause; what
was acknowledged to them is written down outside of it. One fault after the other is put on, in an order that the seed
gives, and taken off, and then it is measured after how many seconds each part of the product works again. At the end
what was acknowledged is compared with the database and the API, and the indexes with the documents.

The rows are those of docs/faults.md (promises.py). Exit code 1 if one of them is not kept.
"""

import argparse
import fnmatch
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.faults.blows import BLOWS
from benchmarks.faults.checks import faults_found
from benchmarks.faults.ledger import Ledger, Seen
from benchmarks.faults.load import PASSWORD, TOPICS, Load, Person
from benchmarks.faults.probes import recovery
from benchmarks.faults.promises import MEASURED, Promise
from benchmarks.faults.stack import Stack

_INSIDE = "--inside"
_PROMISES = {row.name: row for row in MEASURED}
_NEEDED = ("unshare", "ip", "iptables", "ps", "redis-server")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    parser.add_argument("--rows", default="*", help="Which rows, with commas between; * stands for anything.")
    parser.add_argument("--store", choices=["pinecone", "faiss"], default="pinecone")
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="Begin no fault after so many.")
    parser.add_argument("--keep", type=Path, help="Copy log and ledger to this folder.")
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        if os.geteuid():
            parser.error("This has to be run as root: it makes a network and file systems of its own.")
        if missing := [program for program in _NEEDED if not shutil.which(program)]:
            parser.error(f"This needs {', '.join(missing)}.")
        apart = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
        again = [sys.executable, "-m", "benchmarks.faults", *sys.argv[1:], "--seed", str(options.seed), _INSIDE]
        return subprocess.call([*apart, *again])  # noqa: S603
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)  # noqa: S607
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        stack = Stack(Path(folder), options.store)
        ledger = Ledger(Path(folder) / "ledger.jsonl")
        try:
            stack.start()
            return _run(stack, ledger, options)
        finally:
            stack.stop()
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                for name in ("log", "ledger.jsonl"):
                    if (Path(folder) / name).exists():
                        shutil.copy(Path(folder) / name, options.keep / name)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _order(stack: Stack, options: argparse.Namespace) -> list[Promise]:
    """Each row about as often as its weight says, in the seed's order."""
    wanted = options.rows.split(",")
    rows = [row for row in MEASURED if any(fnmatch.fnmatch(row.name, pattern) for pattern in wanted)]
    rows = [row for row in rows if stack.store in row.stores and (stack.has_clock or not row.clock)]
    chance = random.Random(options.seed)  # noqa: S311
    order: list[Promise] = []
    turn = 0
    while len(order) < options.faults:
        due = [row for row in rows if turn % row.rarity == 0]
        order += chance.sample(due, k=len(due))
        turn += 1
    order = order[: options.faults]
    chance.shuffle(order)
    return order


def _run(stack: Stack, ledger: Ledger, options: argparse.Namespace) -> int:
    for name, role in (("editor", "editor"), ("admin", "admin"), ("prober", "user")):
        stack.manage("create_account", name, f"{name}@example.org", "--role", role, ACCOUNT_PASSWORD=PASSWORD)
    began = time.monotonic()
    editor = Person(ledger, "editor")
    _say(f"seed {options.seed}, {options.store}")
    _say(f"at the start everything works after {max(recovery(ledger, 60).values()):.1f} s")
    editor.log_in()
    for name, text in TOPICS.items():
        editor.upload(name, text)
    load = Load(ledger, options.people, options.seed)
    load.start()
    chance = random.Random(options.seed + 1)  # noqa: S311
    took: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    try:
        for number, row in enumerate(_order(stack, options), start=1):
            if time.monotonic() - began > options.minutes * 60:
                break
            time.sleep(chance.random())
            ledger.rows.append(row.name)
            try:
                with BLOWS[row.name](stack, chance):
                    pass
            except (AssertionError, subprocess.SubprocessError) as error:
                wrong.append(f"{row.name}: {error}")
            parts = recovery(ledger, max(60.0, 2 * row.within))
            ledger.rows.append("")
            took[row.name].append(max(parts.values()))
            slowest = max(parts, key=parts.__getitem__)
            late = "" if parts[slowest] <= row.within else f"  LATE, {row.within:g} s are promised: {parts}"
            _say(f"{number:3} {row.name}: {parts[slowest]:.1f} s ({slowest}){late}")
    finally:
        load.stop()
    wrong += faults_found(stack, ledger)
    return _tell(stack, ledger, took, wrong, time.monotonic() - began)


def _allowed(seen: Seen) -> bool:
    """By one of the faults that it met: what waits during the first is hit by the second."""
    return any(_PROMISES[name].allows(seen.status, seen.code) for name in seen.rows)


def _tell(stack: Stack, ledger: Ledger, took: dict[str, list[float]], wrong: list[str], seconds: float) -> int:
    _say("\n| row | faults | works again after: median, longest | promised | answers meanwhile | slowest | |")
    _say("|---|---|---|---|---|---|---|")
    for row in MEASURED:
        if not (times := took.get(row.name)):
            continue
        meanwhile = [seen for seen in ledger.seen if seen.rows[:1] == (row.name,)]
        strange = Counter(f"{seen.action} {seen.status} {seen.code}" for seen in meanwhile if not _allowed(seen))
        slowest = max((seen.seconds for seen in meanwhile), default=0.0)
        failures = []
        if max(times) > row.within:
            failures.append(f"took {max(times):.1f} s")
        late = [seen.seconds for seen in meanwhile if seen.seconds > sum(_PROMISES[name].slowest for name in seen.rows)]
        if late:
            failures.append(f"an answer took {max(late):.1f} s, {row.slowest:g} s are promised")
        failures += [f"{number} × {what}" for what, number in strange.items()]
        wrong += [f"{row.name}: {failure}" for failure in failures]
        good = sum(seen.status in range(1, 400) and not seen.code for seen in meanwhile)
        _say(
            f"| {row.name} | {len(times)} | {statistics.median(times):.1f} s, {max(times):.1f} s | {row.within:g} s"
            f" | {good} of {len(meanwhile)} served | {slowest:.1f} s | {'FAIL' if failures else 'pass'} |"
        )
    number = sum(map(len, took.values()))
    _say(f"\n{number} faults in {seconds / 60:.0f} minutes; acknowledged: {ledger.counts()}")
    _say(f"started: { {kept.name: kept.starts for kept in stack.processes.values()} }")
    quiet = Counter(f"{seen.action} {seen.status} {seen.code}" for seen in ledger.seen if not seen.rows and seen.code)
    _say(f"refused between faults: {dict(quiet)}")
    for line in wrong[:200]:
        _say(f"WRONG {line}")
    _say("every promise was kept" if not wrong else f"{len(wrong)} things are not as promised")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
