"""``manage.py serve``: the whole product on this machine, set up and running. What `make run` calls."""

import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.env import read
from users.erasing import erasures_reapply
from users.models import Role
from users.selectors import account_by_login
from users.services import account_create

_START_TIMEOUT = 30.0
_STOP_TIMEOUT = 10.0


class Command(BaseCommand):
    help = "Set up the database, the demo account and the handbook, then run the server, a worker and the scheduler."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        _require_free(host, port)
        call_command("migrate", verbosity=0)
        self._erase_again()
        self._demo_account()
        # In a process of its own, whose memory is free afterwards.
        populated = subprocess.run([sys.executable, "manage.py", "populate_documents"], cwd=settings.BASE_DIR)
        if populated.returncode:
            self.stderr.write("The handbook is not indexed whole.")  # what is, can be asked already
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        server = _start("-m", "uvicorn", "config.asgi:application", "--host", host, "--port", str(port),
                        "--timeout-graceful-shutdown", "3", "--log-level", "warning")  # fmt: skip
        address = f"http://{host}:{port}"
        beside = {
            "worker": ("manage.py", "run_worker", *([] if read().public_url else ["--site", address])),
            "scheduler": ("manage.py", "run_scheduler"),
        }
        running = {name: _start(*command) for name, command in beside.items()}
        try:
            self._announce(server, f"{address}/", stop)
            while not stop.wait(0.5):
                if server.poll() is not None:
                    raise CommandError("The server has stopped.")
                for name, command in beside.items():
                    if running[name].poll() is not None:
                        self.stderr.write(f"The {name} has stopped; starting it again.")
                        running[name] = _start(*command)
        finally:
            for process in (server, *running.values()):
                process.terminate()
            for process in (server, *running.values()):
                _end(process)

    def _say(self, line: str) -> None:
        """At once, into a file or a pipe too."""
        self.stdout.write(line)
        self.stdout.flush()

    def _erase_again(self) -> None:
        """Nobody who was erased is back, even where the database is a restored backup."""
        if count := erasures_reapply():
            self._say(f"Accounts erased again, since they were back: {count}")

    def _demo_account(self) -> None:
        if not settings.DEMO_ACCOUNT or account_by_login("demo"):
            return
        password = secrets.token_urlsafe(12)
        account_create(username="demo", email="demo@localhost.example", password=password, role=Role.ADMIN)
        self._say(f"Demo account: user name demo, password {password} (shown this once)")

    def _announce(self, server: "subprocess.Popen[bytes]", address: str, stop: threading.Event) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by way of a proxy
        while not stop.is_set() and server.poll() is None and time.monotonic() < deadline:
            try:
                opener.open(f"{address}api/health/", timeout=2).close()
            except urllib.error.HTTPError:
                pass  # it answers, if only to say that it goes by another name
            except OSError:
                stop.wait(0.1)
                continue
            if folder := getattr(settings, "EMAIL_FILE_PATH", None):
                self._say(f"Mails are written to {folder}, since EMAIL_URL is not set.")
            self._say(f"Grounded is running at {address} (API: {address}api/docs/). Ctrl-C stops it.")
            return
        if not stop.is_set():
            raise CommandError(f"The server did not start at {address}.")


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used ({error.strerror}). Try make run PORT=8123.") from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(timeout=_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()  # what it was at is taken up again at the next start
        process.wait()


def _start(*command: str) -> "subprocess.Popen[bytes]":
    # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
    return subprocess.Popen([sys.executable, *command], cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603
