"""Whether each slot runs once while leaders die: python -m benchmarks.scheduler [--seconds 180] [--schedulers 3]

Several schedulers share the database that DATABASE_URL names (else SQLite in a folder that is thrown away) and the
Redis of REDIS_URL. A job is due each second. Every ten seconds whoever leads is killed (SIGKILL) and started anew, or
frozen (SIGSTOP) and woken while another leads, in turn. A second job takes four seconds, and asks whether to stop.

What the first job does is a row in a table of its own, which refuses nothing: slot, process, term and time. So a second
run for a slot would be seen there, whatever the rows of runs say. Each call of it is also a line in a file.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import django

_LONG = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--schedulers", type=int, default=3)
    parser.add_argument("--every", type=float, default=10, help="Seconds from one leader's end to the next one's.")
    parser.add_argument("--child", metavar="FILE", help="Be one of the schedulers.")
    options = parser.parse_args()
    if options.child:
        django.setup()
        _schedule(Path(options.child))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        sys.exit(_measure(options.seconds, options.schedulers, options.every, Path(folder) / "calls"))


def _schedule(calls: Path) -> None:
    """A scheduler with the two jobs, until it is told to end."""
    from django.db import connection

    from background_tasks.jobs import Due, Job
    from background_tasks.leader_locks import leader_lock
    from background_tasks.leading import Candidate
    from background_tasks.management.commands.run_scheduler import connections_name
    from background_tasks.scheduler import Scheduler
    from rag.indexing import worker_name

    def tick(due: Due) -> dict[str, int]:
        with calls.open("a") as file:
            file.write(f"{due.slot.isoformat()} {os.getpid()} {due.term}\n")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO benchmark_effects VALUES (%s, %s, %s, %s)",
                [due.slot.isoformat(), os.getpid(), due.term, time.time()],
            )
        return {"ticks": 1}

    def long(due: Due) -> dict[str, int]:
        until = time.monotonic() + _LONG
        while time.monotonic() < until and not due.stopped():
            time.sleep(0.1)
        return {"seconds": int(_LONG)}

    jobs = (
        Job("tick", "Each second", "* * * * * *", tick, whole=True, every_slot_within=timedelta(minutes=2)),
        Job("long", "Four seconds", "*/5 * * * * *", long),
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    name = worker_name()
    connections_name(name)
    Scheduler(jobs=jobs, candidate=Candidate(name=name, lock=leader_lock()), stop=stop).run()


@dataclass
class _Troupe:
    """The schedulers, and what has been done to them."""

    calls: Path
    processes: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    frozen: int = 0
    blows: list[tuple[str, float, int]] = field(default_factory=list)
    """Kind, time, and the term that it ended."""

    def start(self) -> None:
        command = [sys.executable, "-m", "benchmarks.scheduler", "--child", str(self.calls)]
        process = subprocess.Popen(command)  # noqa: S603 - ourselves
        self.processes[process.pid] = process

    def strike(self) -> None:
        """End the leader in the way whose turn it is."""
        from background_tasks.models import Leadership

        row = Leadership.objects.get()
        pid = int(row.leader.split(":")[1])
        if pid not in self.processes or pid == self.frozen:
            return
        kind = "killed" if len(self.blows) % 2 == 0 else "frozen"
        os.kill(pid, signal.SIGKILL if kind == "killed" else signal.SIGSTOP)
        self.blows.append((kind, time.time(), row.term))
        if kind == "killed":
            self.processes.pop(pid).wait()
            self.start()
        else:
            self.frozen = pid

    def wake(self) -> None:
        if self.frozen:
            os.kill(self.frozen, signal.SIGCONT)
            self.frozen = 0

    def end(self) -> None:
        self.wake()
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(30)


def _measure(seconds: float, schedulers: int, every: float, calls: Path) -> int:
    from django.core.management import call_command
    from django.db import connection

    from background_tasks.models import JobRun, Leadership

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS benchmark_effects")
        cursor.execute("CREATE TABLE benchmark_effects (slot text, pid integer, term integer, at double precision)")
    JobRun.objects.filter(job__in=["tick", "long"]).delete()
    Leadership.objects.all().delete()
    troupe = _Troupe(calls)
    chance = random.Random(7)  # noqa: S311
    for _ in range(schedulers):
        troupe.start()
    try:
        while not calls.exists():
            time.sleep(0.1)
        begun = time.time()
        while (now := time.time()) < begun + seconds:
            time.sleep(every - 6 + chance.random())  # at any point of a second
            troupe.wake()  # the one of last time, while another leads
            time.sleep(max(0.0, now + every - time.time()))
            troupe.strike()
        time.sleep(8)  # for the last one to be replaced
        troupe.wake()
        time.sleep(2)
    finally:
        troupe.end()
    with connection.cursor() as cursor:
        cursor.execute("SELECT slot, pid, term, at FROM benchmark_effects ORDER BY at")
        effects = cursor.fetchall()
        cursor.execute("DROP TABLE benchmark_effects")
    return _tell(effects, troupe.blows, calls.read_text().count("\n"))


def _tell(effects: Sequence[tuple[str, int, int, float]], blows: Sequence[tuple[str, float, int]], calls: int) -> int:
    """Print what came of it. Returns the exit code: 1 if a slot was missed or ran twice, or a gap was too long."""
    from django.db import connection

    from background_tasks.models import JobRun

    done = Counter(datetime.fromisoformat(slot) for slot, *_ in effects)
    first, last = min(done), max(done)
    due = [first + timedelta(seconds=number) for number in range(round((last - first).total_seconds()) + 1)]
    missed, twice = [slot for slot in due if slot not in done], [slot for slot, count in done.items() if count > 1]
    times = [at for *_, at in effects]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    late = [at - datetime.fromisoformat(slot).timestamp() for slot, _, _, at in effects]
    terms = {term for _, _, term, _ in effects}
    lines = [
        f"{connection.vendor}: {len(due)} slots, {len(effects)} runs, by {len(terms)} leaders",
        f"missed: {len(missed)}, run twice: {len(twice)}, begun again and undone before: {calls - len(effects)}",
    ]
    for kind in ("killed", "frozen"):
        waits = [
            min((effect[3] for effect in effects if effect[2] > term), default=float("inf")) - at
            for blow, at, term in blows
            if blow == kind
        ]
        if waits:
            lines.append(
                f"{kind}: {len(waits)} leaders; until the next one's first run "
                f"{statistics.median(waits):.2f} s (median), {max(waits):.2f} s (longest)"
            )
    lines.append(
        f"longest time without a run: {max(gaps):.2f} s; a slot is run {statistics.median(late):.3f} s late (median)"
    )
    states = Counter(JobRun.objects.values_list("job", "state"))
    lines.append(
        f"rows of runs: {', '.join(f'{job} {state} {count}' for (job, state), count in sorted(states.items()))}"
    )
    again = JobRun.objects.filter(job="long", attempt__gt=1).count()
    lines.append(f"long job: {again} runs were begun again after their process had been killed or frozen")
    print("\n".join(lines))  # noqa: T201
    return int(bool(missed or twice) or max(gaps) > 5)


if __name__ == "__main__":
    main()
