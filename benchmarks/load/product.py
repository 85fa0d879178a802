"""The product as production runs it: server processes, a worker and the scheduler, on PostgreSQL and Redis.

Settings are those of production; a proxy that ends TLS is left out, and the load says what one would say. The model is
one on this machine (benchmarks/slow_model.py). Answers are not kept, so that each is made; a user may use any number
of tokens; limits are otherwise those that ship.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.serving import ROOT, await_port

THREADS = 16
"""What ships (utils/waiting.py)."""


@dataclass(frozen=True, slots=True)
class Servers:
    """How the API is served."""

    kind: str = "gunicorn"
    """gunicorn as in production (config/gunicorn.py), uvicorn, uvicorn-worker in gunicorn, granian, or split: threads
    of gunicorn for JSON and uvicorn for streams."""
    processes: int = 1
    connections: int = 16
    threads: int = THREADS
    """Of each process, for what blocks."""

    def __str__(self) -> str:
        return f"{self.kind}, {self.processes} of {self.connections} connections and {self.threads} threads"


@dataclass(slots=True)
class Product:
    environment: dict[str, str]
    home: Path
    """DATA_DIR; the product's temporary files are in ``tmp`` in it."""
    questions: list[str]
    processes: dict[str, psutil.Process] = field(default_factory=dict)
    host: str = ""
    streams: str = ""
    """host:port of the server, and of the one that streams."""


@contextmanager
def prepared(*, users: int, editors: int, model_seconds: float, **more: str) -> Iterator[Product]:
    """A database of its own with the handbook and accounts, and the model; no server yet."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended, and the database dropped
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        model, address = stack.enter_context(model_serving(model_seconds))
        (home / "tmp").mkdir()
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "JWT_SIGNING_KEY": secrets.token_urlsafe(48),
            "ACCOUNT_PASSWORD": secrets.token_urlsafe(12),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "PUBLIC_URL": "https://127.0.0.1",
            "DATABASE_URL": stack.enter_context(_database()),
            "DATA_DIR": str(home),
            "TMPDIR": str(home / "tmp"),
            "MODEL_DIR": os.environ.get("MODEL_DIR", str(ROOT / "var" / "models")),
            "MISTRAL_API_KEY": "key",
            "MISTRAL_SERVER_URL": address,
            "ANSWER_CACHE_SECONDS": "0",
            "TOKENS_A_DAY_USER": "0",
            "LOG_LEVEL": "WARNING",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            **more,
        }
        command = [sys.executable, "-m", "benchmarks.load.prepare", str(users), str(editors)]
        said = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603
        product = Product(environment, home, json.loads(said.stdout.splitlines()[-1]))
        product.processes["model"] = psutil.Process(model.pid)
        yield product


@contextmanager
def serving(product: Product, servers: Servers) -> Iterator[Product]:
    """With its servers, a worker and the scheduler."""
    environment = {
        **product.environment,
        "SERVER_CONNECTIONS": str(servers.connections),
        "BENCHMARK_THREADS": str(servers.threads),
        "PYTHONPATH": str(ROOT / "var" / "benchmarks" / "servers"),
    }
    with ExitStack() as stack:
        host = stack.enter_context(server(servers, environment, product))
        streams = host
        if servers.kind == "split":
            asgi = replace(servers, kind="uvicorn", processes=1)
            streams = stack.enter_context(server(asgi, environment, product, "streams"))
        for name in ("worker", "scheduler"):
            command = [sys.executable, "manage.py", f"run_{name}"]
            product.processes[name] = psutil.Process(stack.enter_context(_run(command, environment)).pid)
        product.host, product.streams = host, streams
        yield product


def _command(servers: Servers, port: int) -> list[str]:
    application = "config.asgi:application" if servers.threads == THREADS else "benchmarks.load.application:application"
    count, place = str(servers.processes), f"127.0.0.1:{port}"
    gunicorn = ["gunicorn", "--bind", place, "--workers", count, "--log-level", "warning", "--graceful-timeout", "5"]
    match servers.kind:
        case "uvicorn":
            quiet = ["--log-level", "warning", "--timeout-graceful-shutdown", "5"]
            return ["uvicorn", application, "--port", str(port), "--workers", count, *quiet]
        case "gunicorn":
            return ["gunicorn", "-c", "config/gunicorn.py", "--bind", place, "--workers", count, application]
        case "uvicorn-worker":
            return [*gunicorn, "--worker-class", "uvicorn_worker.UvicornWorker", application]
        case "granian":
            return ["granian", "--interface", "asgi", "--port", str(port), "--workers", count, application]
        case "split":
            threads = ["--worker-class", "gthread", "--threads", str(servers.threads)]
            return [*gunicorn, *threads, "benchmarks.load.application:wsgi"]
    raise ValueError(servers.kind)


@contextmanager
def server(
    servers: Servers,
    environment: dict[str, str],
    product: Product,
    name: str = "server",
    root: Path = ROOT,
    log: Any = None,
) -> Iterator[str]:
    """One server, by the code of ``root``, whose log goes there; gives host:port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", *_command(servers, port)]
    with _run(command, {**environment, "PGAPPNAME": name}, root, log) as process:
        await_port(process, port)
        product.processes[name] = psutil.Process(process.pid)
        yield f"127.0.0.1:{port}"


@contextmanager
def _run(
    command: list[str], environment: dict[str, str], root: Path = ROOT, log: Any = None
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log) as process:  # noqa: S603 - ourselves
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def model_serving(seconds: float) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The model (benchmarks/slow_model.py), and its address."""
    command = [sys.executable, "-m", "benchmarks.slow_model", str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        try:
            yield process, process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


@contextmanager
def _database() -> Iterator[str]:
    """A new database on the server of DATABASE_URL, for as long as it is needed."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres") or not os.environ.get("REDIS_URL"):
        sys.exit("DATABASE_URL must name a PostgreSQL database, beside which another is made, and REDIS_URL a Redis.")
    name = f"load_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield given.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
