"""``manage.py run_job NAME``: runs a job now, in the foreground."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections, connection

from background_tasks.jobs import JOBS
from background_tasks.models import JobRun, State
from background_tasks.running import Run
from background_tasks.services import SILENCE, run_alive, run_begin_foreground
from rag.indexing import worker_name


class Command(BaseCommand):
    help = "Run a job now, in the foreground and without a scheduler, and say what it has done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=[job.name for job in JOBS])

    def handle(self, *args: Any, **options: Any) -> None:
        job = next(job for job in JOBS if job.name == options["name"])
        run = run_begin_foreground(job=job, worker=worker_name())
        if run is None:
            raise CommandError(f"A run of {job.name} has not come to its end yet. Look at GET /api/jobs/.")
        stop, ended = threading.Event(), threading.Event()
        before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
        alive = threading.Thread(target=_keep_alive, args=(run, ended), daemon=True)
        alive.start()
        try:
            Run(job, run, stop.is_set).run()
        finally:
            ended.set()
            alive.join()
            for number, handler in before.items():
                signal.signal(number, handler)
        run.refresh_from_db()
        if run.state == State.FAILED:
            raise CommandError(run.error)
        if run.state != State.DONE:
            raise CommandError("The job was interrupted; a scheduler takes it up again.")
        for name, count in run.counts.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(self.style.SUCCESS(f"{job.name} is done."))


def _keep_alive(run: JobRun, ended: threading.Event) -> None:
    try:
        while not ended.wait(SILENCE.total_seconds() / 5):
            try:
                close_old_connections()
                run_alive(run=run)
            except Error:
                continue  # the next one may get through
    finally:
        connection.close()
