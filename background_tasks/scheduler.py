"""The scheduler: while it leads, it runs each slot of each job once, and what was asked for by hand.

A run is a row that is unique for its job and slot, and of a job one run at most is open. The row is made, and taken
over, in a transaction in which no later term can have begun. So nothing runs twice, whoever freezes and wakes when.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from background_tasks.clock import WAKE, Clock
from background_tasks.jobs import Job
from background_tasks.leading import Candidate, LeadershipLost, ticks
from background_tasks.models import JobRun, Leadership, State
from background_tasks.running import Run
from background_tasks.schedules import newest_slot, next_slot, triggers
from background_tasks.selectors import last_slots, runs_open
from background_tasks.services import foreground_close_dead, run_begin, run_drop, run_take

logger = logging.getLogger(__name__)
BEAT = 1.0
"""Seconds between two looks of the leader, at each of which it renews its term."""
POLL = 0.5
"""Seconds between two looks of the others."""
GOODBYE = 8.0
"""Seconds that running jobs are given to come to an end."""


class Scheduler:
    """Runs the jobs in threads, from :meth:`run` until ``stop`` is set."""

    def __init__(self, *, jobs: Sequence[Job], candidate: Candidate, stop: threading.Event) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._triggers = triggers(jobs)
        self._candidate, self._stop = candidate, stop
        self._clock: Clock | None = None
        self._since: dict[str, datetime] = {}
        """Of each job the slot up to which all is run."""
        self._threads: dict[object, threading.Thread] = {}
        """By the key of the run."""
        self._away = False

    def run(self) -> None:
        while not self._stop.is_set():
            WAKE.clear()
            self.look()
            WAKE.wait(BEAT if self._candidate.term else POLL)
        self._end()

    def look(self) -> None:
        """Lead if nobody does; if this process leads, begin what is due. Raises nothing."""
        try:
            close_old_connections()
            if self._leads():
                self._begin_due()
            if self._away:
                logger.warning("The database answers again.")
            self._away = False
        except LeadershipLost:
            pass  # the next look finds out
        except Error as error:
            if not self._away:
                logger.warning("The database does not answer (%s); the scheduler waits for it.", type(error).__name__)
            self._away = True

    def _leads(self) -> bool:
        candidate = self._candidate
        if candidate.term:
            term = candidate.term
            if candidate.keep():
                return True
            logger.warning("%s leads no more; its term %d is over.", candidate.name, term)
            self._stop_clock()
        if not candidate.campaign():
            return False
        logger.info("%s leads, in term %d.", candidate.name, candidate.term)
        since = Leadership.objects.get().since
        self._since = dict.fromkeys(self._triggers, since) | dict(last_slots())
        self._stop_clock()
        self._clock = Clock(self._triggers)
        return True

    def _begin_due(self) -> None:
        self._threads = {key: thread for key, thread in self._threads.items() if thread.is_alive()}
        busy = set()
        for run in runs_open():
            busy.add(run.job)
            if self._is_to_be_taken(run):
                self._take(run)
            elif run.state == State.RUNNING and not run.term:
                foreground_close_dead()
        for name in self._triggers:
            if name not in busy and (slot := self._due_slot(name)):
                self._begin(self._jobs[name], slot)

    def _begin(self, job: Job, slot: datetime) -> None:
        made = run_begin(job=job, slot=slot, worker=self._candidate.name, term=self._candidate.term)
        if made:
            self._start(made)
        if made or JobRun.objects.filter(job=job.name, slot=slot).exists():
            self._since[job.name] = slot

    def _is_to_be_taken(self, run: JobRun) -> bool:
        if run.state == State.RUNNING:
            # By a process that leads no more, or a thread that could not write down how it ended.
            return run.term > 0 and run.pk not in self._threads
        return run.due_at is None or run.due_at <= timezone.now()

    def _take(self, run: JobRun) -> None:
        if run.job not in self._jobs:
            run_drop(run=run)
        elif run_take(run=run, worker=self._candidate.name, term=self._candidate.term):
            self._start(run)

    def _due_slot(self, name: str) -> datetime | None:
        now, trigger, since = timezone.now(), self._triggers[name], self._since[name]
        every = self._jobs[name].every_slot_within
        if every is None:
            return newest_slot(trigger, after=since, now=now)
        slot = next_slot(trigger, max(since, now - every))
        return slot if slot and slot <= now else None

    def _start(self, run: JobRun) -> None:
        term = self._candidate.term
        work = Run(self._jobs[run.job], run, lambda: self._stop.is_set() or not self._candidate.leads(term))

        def to_the_end() -> None:
            try:
                work.run()
            finally:
                connection.close()
                WAKE.set()  # the next slot may be due

        # A daemon: a job that does not come to its end must not keep the process.
        thread = threading.Thread(target=to_the_end, name=run.job, daemon=True)
        self._threads[run.pk] = thread
        thread.start()

    def _end(self) -> None:
        """Lead until the running jobs have come to their end, then leave it to others."""
        self._stop_clock()
        until = ticks() + GOODBYE
        try:
            while any(thread.is_alive() for thread in self._threads.values()) and ticks() < until:
                WAKE.clear()
                if self._candidate.term:
                    self._candidate.keep()
                WAKE.wait(BEAT / 4)
            self._candidate.resign()
        except Error as error:
            logger.warning("The term could not be ended (%s); it ends by itself.", type(error).__name__)

    def _stop_clock(self) -> None:
        if self._clock:
            self._clock.stop()
            self._clock = None
