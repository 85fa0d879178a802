"""``manage.py run_worker``: indexes what is handed in, until it is told to stop."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections, connection

from documents.leases import versions_release
from documents.sources.syncing import sources_sync_due
from rag.calibration import calibrate_if_due
from rag.errors import ProviderError
from rag.followers import follow_all
from rag.indexing import index_pending, leases_break, worker_name
from rag.integrity.checking import nightly_check
from rag.privacy.reembedding import policies_apply
from rag.signals import worker_idle
from users.erasing import erasures_finish

logger = logging.getLogger(__name__)
_LONGEST_PAUSE = 60.0
_LONGEST_GOODBYE = 10.0


class Command(BaseCommand):
    help = (
        "Index pending documents, sync sources that are due, keep this machine's indexes up to date, and end erasures "
        "that were begun. "
        "Run as many as you like."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--poll", type=float, default=1.0, help="Seconds between looks for work.")
        parser.add_argument("--once", action="store_true", help="Stop when nothing is left to do.")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = worker_name()
        leases_break()
        if options["once"]:
            try:
                while index_pending(worker=worker) or sources_sync_due(worker=worker) or policies_apply():
                    pass
                follow_all()
                erasures_finish()
            except ProviderError as error:
                raise CommandError(error.detail) from error
        else:
            self._run(worker, options["poll"])

    def _run(self, worker: str, poll: float) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # Beside the indexing: a slow website must not keep uploads waiting.
        syncing = threading.Thread(target=_sync_sources, args=(worker, poll, stop), daemon=True)
        syncing.start()
        pause = 0.0
        while not stop.wait(pause):
            try:
                close_old_connections()
                pause = 0.0 if index_pending(worker=worker) or policies_apply() else poll
                if pause:
                    follow_all()
                    erasures_finish()
                    nightly_check()
                    calibrate_if_due()
                    worker_idle.send(sender=None)
            except (ProviderError, DatabaseError) as error:
                # What cannot be reached now may be reached later; nothing is lost meanwhile.
                logger.warning("Indexing waits: %s", error)
                pause = min(max(2 * pause, poll), _LONGEST_PAUSE)
        versions_release(worker=worker)
        syncing.join(_LONGEST_GOODBYE)


def _sync_sources(worker: str, poll: float, stop: threading.Event) -> None:
    """Sync one source after the other, until the worker is told to stop."""
    pause = 0.0
    while not stop.wait(pause):
        try:
            close_old_connections()
            pause = 0.0 if sources_sync_due(worker=worker, stopped=stop.is_set) else poll
        except DatabaseError as error:
            logger.warning("Syncing waits: %s", error)
            pause = min(max(2 * pause, poll), _LONGEST_PAUSE)
    connection.close()
