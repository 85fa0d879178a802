"""APScheduler, with its jobs in Redis, wakes the scheduler at the moment that something is due.

What is to be run, the scheduler finds out for itself from the schedules and the rows of runs, and it looks each second
anyway. So while Redis is away, or has lost everything, runs begin up to a second late, and nothing else changes.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import UTC

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.redis import RedisJobStore
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger
from django.core.cache import caches
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
WAKE = threading.Event()
"""Something may be due."""
_LONGEST_WAIT = 30.0
_AGAIN = 5.0
_KEY = "grounded.scheduler"


def slot_due(name: str) -> None:
    """What APScheduler calls at each slot of a job."""
    WAKE.set()


class _Scheduler(BaseScheduler):  # type: ignore[misc]  # untyped
    """One whose turns are taken by the thread that has made it."""

    def wakeup(self) -> None:
        """Nobody else adds jobs."""

    def shutdown(self, wait: bool = True) -> None:
        """Nothing of it is held: the connections are the cache's."""

    def turn(self) -> float | None:
        """Call what is due. Returns the seconds until the next time. Raises RedisError."""
        seconds: float | None = self._process_jobs()
        return seconds


class Clock:
    """Runs in a thread of its own from its making to :meth:`stop`."""

    def __init__(self, triggers: Mapping[str, BaseTrigger]) -> None:
        self._triggers = triggers
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(_AGAIN)

    def _run(self) -> None:
        away = False
        scheduler: _Scheduler | None = None
        store = self._store()
        while not self._stopped.is_set():
            try:
                if scheduler is None or store.redis.hlen(store.jobs_key) != len(self._triggers):
                    scheduler = self._set(store)
                wait = scheduler.turn()
            except RedisError as error:
                if not away:
                    logger.warning("Redis is away (%s): jobs run up to a second late.", type(error).__name__)
                away, scheduler, wait = True, None, _AGAIN
            else:
                if away:
                    logger.warning("Redis is back.")
                away = False
            self._stopped.wait(min(_LONGEST_WAIT if wait is None else wait, _LONGEST_WAIT))

    def _store(self) -> RedisJobStore:
        client = caches["default"]._cache.get_client(None)  # type: ignore[attr-defined]
        return RedisJobStore(
            jobs_key=f"{_KEY}.jobs", run_times_key=f"{_KEY}.run_times", connection_pool=client.connection_pool
        )

    def _set(self, store: RedisJobStore) -> _Scheduler:
        """Put every job into Redis anew: whatever an earlier version had there is not read."""
        store.remove_all_jobs()
        scheduler = _Scheduler(
            timezone=UTC,
            jobstores={"default": store},
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "misfire_grace_time": None},
        )
        for name, trigger in self._triggers.items():
            scheduler.add_job(f"{__name__}:slot_due", trigger, args=[name], id=name)
        scheduler.start()
        return scheduler
