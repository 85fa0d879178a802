"""One run of a job: called, watched, and its end written down."""

import logging
import time
from collections.abc import Callable

from django.db import Error, close_old_connections, transaction

from background_tasks.jobs import Counts, Due, Job
from background_tasks.leading import term_assure
from background_tasks.models import JobRun
from background_tasks.services import error_text, run_done, run_fail, run_interrupted
from utils.log_lines import lines_bound

logger = logging.getLogger(__name__)
_AGAIN = 1.0
"""Seconds after which it is tried again to write down how a run ended."""


class _TakenOver(Exception):
    """The run is somebody else's by now."""


class _Interrupted(Exception):
    """It was told to come to an end, and did."""


class Run:
    """A run that this process has. ``stopped`` says whether to come to an end."""

    def __init__(self, job: Job, row: JobRun, stopped: Callable[[], bool]) -> None:
        self._job, self._row, self._stopped = job, row, stopped
        self._told = False

    def run(self) -> None:
        """To the end, which the row then says. Raises nothing."""
        with lines_bound(job=self._row.job, run=self._row.pk):
            self._run()

    def _run(self) -> None:
        began = time.monotonic()
        try:
            self._work()
        except _TakenOver:
            logger.warning("%s has been taken over by another process.", self._row)
        except Exception as error:
            if self._is_stopped():
                logger.warning("%s was interrupted (%s).", self._row, type(error).__name__)
                self._write(lambda: run_interrupted(run=self._row))
            else:
                logger.exception("%s has failed at attempt %d.", self._row, self._row.attempt)
                text = error_text(error)
                self._write(lambda: run_fail(run=self._row, error=text))
        else:
            logger.debug("%s took %.3f s.", self._row, time.monotonic() - began)

    def _work(self) -> None:
        due = Due(slot=self._row.slot, stopped=self._is_stopped, term=self._row.term)
        if self._job.whole:
            with transaction.atomic():
                counts = self._called(due)
                if self._row.term:
                    term_assure(self._row.term)
                if not run_done(run=self._row, counts=counts):
                    raise _TakenOver
        else:
            counts = self._called(due)
            self._write(lambda: run_done(run=self._row, counts=counts))

    def _called(self, due: Due) -> Counts:
        counts = self._job.run(due)
        if self._told:
            raise _Interrupted
        return counts

    def _is_stopped(self) -> bool:
        self._told = self._told or self._stopped()
        return self._told

    def _write(self, write: Callable[[], object]) -> None:
        """The database may be away for a while; unless this is written, the job is done again."""
        while True:
            try:
                write()
                return
            except Error as error:
                close_old_connections()
                if self._stopped():
                    logger.warning("How %s ended could not be written down: %s", self._row, type(error).__name__)
                    return
                time.sleep(_AGAIN)
