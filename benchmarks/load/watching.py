"""What the processes of a product hold while it is asked: memory, processor, files, threads, connections, rows."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from benchmarks.load.product import Product

Sample = dict[str, float]
_ROWS = {
    "answers that are written": "SELECT count(*) FROM chat_message WHERE status = 'streaming'",
    "versions under way": "SELECT count(*) FROM documents_version WHERE state NOT IN "
    "('published', 'draft', 'quarantined', 'superseded', 'failed')",
    "job runs under way": "SELECT count(*) FROM background_tasks_jobrun WHERE state = 'running'",
    "connections": "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
}


class Watch:
    """Samples each few seconds, from a thread, while the ``with`` block runs."""

    def __init__(self, product: Product, seconds: float = 5.0) -> None:
        self.samples: list[Sample] = []
        self._product, self._seconds = product, seconds
        self._roots = dict(product.processes)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._spent: dict[str, dict[int, float]] = {}

    def add(self, name: str, pid: int) -> None:
        self._roots[name] = psutil.Process(pid)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def series(self, name: str) -> list[tuple[float, float]]:
        return [(sample["at"], sample[name]) for sample in self.samples if name in sample]

    def most(self, name: str) -> float:
        return max((value for _, value in self.series(name)), default=0.0)

    def last(self, name: str) -> float:
        return next((value for _, value in reversed(self.series(name))), 0.0)

    def _watch(self) -> None:
        with (
            psycopg.connect(self._product.environment["DATABASE_URL"], autocommit=True) as database,
            redis.Redis.from_url(self._product.environment["REDIS_URL"]) as keys,
        ):
            while True:
                self.samples.append(self._sample(database, keys))
                if self._ended.wait(self._seconds):
                    return

    def _sample(self, database: "psycopg.Connection[Any]", keys: "redis.Redis") -> Sample:
        sample: Sample = {"at": time.time(), "Redis: keys": float(keys.dbsize())}
        for name, root in self._roots.items():
            sample |= self._of(name, root)
        for name, query in _ROWS.items():
            row = database.execute(query).fetchone()
            sample[f"database: {name}"] = float(row[0]) if row else 0.0
        backends = database.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
        sample["database: processor"] = self._processor("database", [pid for (pid,) in backends])
        sample["temporary files"] = float(sum(len(files) for _, _, files in os.walk(self._product.home / "tmp")))
        return sample

    def _of(self, name: str, root: psutil.Process) -> Sample:
        with suppress(psutil.Error):
            processes = [root, *root.children(recursive=True)]
            found = {
                "memory": sum(_held(process.pid) for process in processes),
                "files": sum(process.num_fds() for process in processes),
                "threads": sum(process.num_threads() for process in processes),
                "processor": self._processor(name, [process.pid for process in processes]),
            }
            return {f"{name}: {what}": float(value) for what, value in found.items()}
        return {}

    def _processor(self, name: str, pids: list[int]) -> float:
        """Seconds in all, of processes that have ended too as far as they were seen."""
        spent = self._spent.setdefault(name, {})
        for pid in pids:
            with suppress(psutil.Error):
                times = psutil.Process(pid).cpu_times()
                spent[pid] = times.user + times.system
        return sum(spent.values())


def _held(pid: int) -> float:
    """Memory of its own and its part of what it shares, in MB."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
