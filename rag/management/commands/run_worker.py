"""``manage.py run_worker``: indexes what is handed in, until it is told to stop."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from documents.leases import versions_release
from rag.errors import ProviderError
from rag.feed import follow_all
from rag.indexing import index_pending, leases_break, worker_name
from rag.integrity.checking import nightly_check

logger = logging.getLogger(__name__)
_LONGEST_PAUSE = 60.0


class Command(BaseCommand):
    help = "Index pending documents and keep this machine's indexes up to date. Run as many as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--poll", type=float, default=1.0, help="Seconds between looks for work.")
        parser.add_argument("--once", action="store_true", help="Stop when nothing is left to do.")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = worker_name()
        leases_break()
        if options["once"]:
            try:
                while index_pending(worker=worker):
                    pass
                follow_all()
            except ProviderError as error:
                raise CommandError(error.detail) from error
        else:
            self._run(worker, options["poll"])

    def _run(self, worker: str, poll: float) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        pause = 0.0
        while not stop.wait(pause):
            try:
                close_old_connections()
                pause = 0.0 if index_pending(worker=worker) else poll
                if pause:
                    follow_all()
                    nightly_check()
            except (ProviderError, DatabaseError) as error:
                # What cannot be reached now may be reached later; nothing is lost meanwhile.
                logger.warning("Indexing waits: %s", error)
                pause = min(max(2 * pause, poll), _LONGEST_PAUSE)
        versions_release(worker=worker)
