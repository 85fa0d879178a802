"""``manage.py run_worker``: indexes what is handed in, until it is told to stop."""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections, connection

from documents.leases import versions_release
from documents.sources.syncing import sources_sync_due
from rag.errors import ProviderError
from rag.followers import follow_all
from rag.gap_groups import gaps_embed
from rag.indexing import index_pending, leases_break, worker_name
from rag.integrity.checking import nightly_check
from rag.privacy.reembedding import policies_apply
from rag.signals import worker_idle
from users.erasing import erasures_finish
from users.outbox import mail_deliver_next
from utils.log_lines import lines_bound
from utils.telemetry import telemetry_start

logger = logging.getLogger(__name__)
_LONGEST_PAUSE = 5.0
"""Seconds: what has come back is noticed this soon."""
_LONGEST_GOODBYE = 10.0


class Command(BaseCommand):
    help = (
        "Index pending documents, sync sources that are due, send mails, keep this machine's indexes up to date, and "
        "end erasures that were begun. Run as many as you like."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--poll", type=float, default=1.0, help="Seconds between looks for work.")
        parser.add_argument("--once", action="store_true", help="Stop when nothing is left to do.")
        parser.add_argument("--site", default=settings.PUBLIC_URL, help="What links in mails begin with: PUBLIC_URL.")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = worker_name()
        telemetry_start("worker")
        leases_break()
        mailing = partial(mail_deliver_next, site=options["site"])
        if options["once"]:
            try:
                while index_pending(worker=worker) or sources_sync_due(worker=worker) or policies_apply() or mailing():
                    pass
                follow_all()
                erasures_finish()
            except ProviderError as error:
                raise CommandError(error.detail) from error
            except OSError as error:
                raise CommandError(f"What was to be written could not be: {error.strerror}") from error
        else:
            with lines_bound(worker=worker):
                self._run(worker, options["poll"], mailing)

    def _run(self, worker: str, poll: float, mailing: Callable[[], bool]) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # Beside the indexing: a slow website must not keep uploads waiting, nor either of them a mail.
        syncing = partial(sources_sync_due, worker=worker, stopped=stop.is_set)
        beside = [
            threading.Thread(target=copy_context().run, args=(repeat, name, work, poll, stop), daemon=True)
            for name, work in (("Syncing", syncing), ("Mailing", mailing))
        ]
        for thread in beside:
            thread.start()
        pause = 0.0
        while not stop.wait(pause):
            try:
                close_old_connections()
                pause = 0.0 if index_pending(worker=worker) or policies_apply() else poll
                if pause:
                    follow_all()
                    erasures_finish()
                    nightly_check()
                    gaps_embed()
                    worker_idle.send(sender=None)
            except (ProviderError, Error, OSError) as error:
                # What cannot be reached, or written to a full disk, may be later; nothing is lost meanwhile.
                logger.warning("Indexing waits: %s", error)
                pause = min(max(2 * pause, poll), _LONGEST_PAUSE)
        with suppress(Error):  # a lease ends by itself
            versions_release(worker=worker)
        for thread in beside:
            thread.join(_LONGEST_GOODBYE)


def repeat(name: str, work: Callable[[], Any], poll: float, stop: threading.Event) -> None:
    """Do one piece of work after the other, until the worker is told to stop."""
    pause = 0.0
    while not stop.wait(pause):
        try:
            close_old_connections()
            pause = 0.0 if work() else poll
        except (Error, OSError) as error:
            logger.warning("%s waits: %s", name, error)
            pause = min(max(2 * pause, poll), _LONGEST_PAUSE)
        except Exception:  # nobody else would notice that it has ended
            logger.exception("%s met a fault", name)
            pause = min(max(2 * pause, poll), _LONGEST_PAUSE)
    connection.close()
