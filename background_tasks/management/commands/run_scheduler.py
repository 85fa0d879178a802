"""``manage.py run_scheduler``: runs the jobs at their times, until it is told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from background_tasks.jobs import JOBS
from background_tasks.leader_locks import leader_lock
from background_tasks.leading import Candidate
from background_tasks.scheduler import Scheduler
from rag.indexing import worker_name
from utils.telemetry import telemetry_start


class Command(BaseCommand):
    help = "Run the jobs at their times. Run as many as you like: one leads, the others wait to take its place."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        telemetry_start("scheduler")
        name = worker_name()
        connections_name(name)
        Scheduler(jobs=JOBS, candidate=Candidate(name=name, lock=leader_lock()), stop=stop).run()


def connections_name(name: str) -> None:
    """Have all connections of this process carry its name, by which PostgreSQL can be asked to end them."""
    if connections["default"].vendor == "postgresql":
        connections["default"].close()
        connections.settings["default"].setdefault("OPTIONS", {})["application_name"] = name
