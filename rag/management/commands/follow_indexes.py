"""``manage.py follow_indexes``: this machine's indexes brought up to date from the database."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections

from rag.followers import follow_all, followers
from rag.integrity.checking import nightly_check
from utils.errors import GroundedError

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Bring this machine's indexes up to date from the database; for machines that serve and have no worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=0.0, help="Go on, so many seconds apart.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["every"]:
            try:
                follow_all(shared=False)
                nightly_check()
            except (GroundedError, OSError) as error:
                raise CommandError(str(error)) from error
            for follower in followers():
                if not follower.shared:
                    self.stdout.write(f"{follower.name}: {follower.count()} passages.")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                close_old_connections()
                follow_all(shared=False)
            except (GroundedError, Error, OSError) as error:
                logger.warning("The indexes wait: %s", error)
            stop.wait(options["every"])
