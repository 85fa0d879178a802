"""What streaming costs: python -m benchmarks.streams [--streams 1000] [--rate 50] [--users 20] [--seconds 10]

One server process on PostgreSQL (DATABASE_URL, an empty database; REDIS_URL where there is one), a model on this
machine that writes 50 words in two seconds, and this process, which asks. Kept answers are off; the vectors of the
questions are kept, so that no question is embedded while it is measured.

Three loads, one after the other: so many streams opened at once; so many new ones a second; so many users who ask for
JSON answers. Times are compared with the model's own, which is asked directly under the same load.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import django

from benchmarks.serving import ROOT, served
from benchmarks.slow_model import WORDS

_PACE = 2.0
_QUESTIONS = (
    "How do I index a PDF?",
    "How do I change the threshold?",
    "What is a collection?",
    "How do I make an account?",
    "How long do access tokens live?",
    "How do I roll back a version?",
    "What is a golden question?",
    "How do I check the indexes?",
)


@dataclass(frozen=True, slots=True)
class Asked:
    complete: bool
    first: float
    """Seconds to the first words of the answer."""
    whole: float
    said: bytes = b""


async def ask(address: str, path: str, headers: str, body: bytes, mark: bytes, end: bytes) -> Asked:
    """One request by hand, which costs this process little. ``mark`` begins the first words."""
    place = urlsplit(address)
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Type: application/json\r\n"
    )
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    got = b""
    first = 0.0
    while piece := await reader.read(65536):
        got += piece
        if not first and mark in got:
            first = time.perf_counter() - began
        if end in got and got.endswith(b"\n"):
            break
    writer.close()
    return Asked(bool(first) and end in got, first, time.perf_counter() - began, got)


class Loads:
    def __init__(self, server: str, model: str, token: str) -> None:
        self._server, self._model, self._token = server, model, token
        self._count = 0

    async def stream(self) -> Asked:
        return await self._of_server("text/event-stream", b"event: delta", b"event: done")

    async def json(self) -> Asked:
        return await self._of_server("application/json", b'"bot_message"', b'"complete"')

    async def _of_server(self, accept: str, mark: bytes, end: bytes) -> Asked:
        self._count += 1
        body = json.dumps({"content": _QUESTIONS[self._count % len(_QUESTIONS)]}).encode()
        headers = f"Authorization: Bearer {self._token}\r\nAccept: {accept}\r\n"
        return await ask(self._server, "/api/chat/messages/", headers, body, mark, end)

    async def model(self) -> Asked:
        body = json.dumps({"model": "slow", "stream": True, "messages": [{"content": "x" * 6000}]}).encode()
        return await ask(self._model, "/v1/chat/completions", "", body, b"data: ", b"[DONE]")


async def _at_once(ask: Callable[[], Awaitable[Asked]], count: int) -> list[Asked]:
    return list(await asyncio.gather(*(ask() for _ in range(count))))


async def _at_rate(ask: Callable[[], Awaitable[Asked]], rate: float, seconds: float) -> list[Asked]:
    began, asked = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        asked.append(asyncio.ensure_future(ask()))
    return list(await asyncio.gather(*asked))


async def _users(ask: Callable[[], Awaitable[Asked]], count: int, seconds: float) -> list[Asked]:
    until = time.perf_counter() + seconds

    async def user(number: int) -> list[Asked]:
        await asyncio.sleep(number * _PACE / count)  # nobody clicks at the same time as all others
        asked = []
        while time.perf_counter() < until:
            asked.append(await ask())
        return asked

    return [one for asked in await asyncio.gather(*(user(number) for number in range(count))) for one in asked]


def _at(values: list[float], share: float) -> float:
    return 1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _compare(name: str, ours: list[float], models: list[float]) -> None:
    added = [_at(ours, share) - _at(models, share) for share in (0.5, 0.99)]
    print(  # noqa: T201
        f"{name}: p50 {_at(ours, 0.5):.0f} ms, p99 {_at(ours, 0.99):.0f} ms; "
        f"over the model's own p50 {added[0]:.0f} ms, p99 {added[1]:.0f} ms"
    )


def _told(name: str, asked: list[Asked], server: "Server") -> None:
    failed = [one for one in asked if not one.complete]
    slowest = max(one.whole for one in asked)
    print(  # noqa: T201
        f"{name}: {len(asked) - len(failed)} of {len(asked)} complete, slowest {slowest:.1f} s; "
        f"server {server.memory()} MB, {server.processor():.1f} s of CPU, {server.connections} connections at most"
    )
    if failed:
        print(f"  {failed[0].said[-200:]!r}")  # noqa: T201


class Server:
    """The process that is measured."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.connections = 0

    def memory(self) -> int:
        """The most that it ever held, in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def processor(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def watch(self) -> None:
        """Count its connections to the database."""
        import psycopg

        async with await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True) as own:
            query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'streams'"
            while True:
                row = await (await own.execute(query)).fetchone()
                self.connections = max(self.connections, row[0] if row else 0)
                await asyncio.sleep(0.1)


async def _measure(options: argparse.Namespace, server: Server, loads: Loads) -> None:
    watching = asyncio.ensure_future(server.watch())
    for _ in _QUESTIONS:
        assert (await loads.stream()).complete  # noqa: S101 - warm now
    if options.rate:
        models = await _at_rate(loads.model, options.rate, options.seconds)
        asked = await _at_rate(loads.stream, options.rate, options.seconds)
        _told(f"{options.rate} new streams a second", asked, server)
        _compare("  first words", [one.first for one in asked], [one.first for one in models])
    if options.users:
        models = await _users(loads.model, options.users, options.seconds)
        asked = await _users(loads.json, options.users, options.seconds)
        _told(f"{options.users} users with JSON answers", asked, server)
        _compare("  whole answers", [one.whole for one in asked], [one.whole for one in models])
    if options.streams:
        asked = await _at_once(loads.stream, options.streams)
        _told(f"{options.streams} streams at once", asked, server)
        print(f"  first words: p50 {1000 * statistics.median(one.first for one in asked):.0f} ms")  # noqa: T201
    watching.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        parser.error("DATABASE_URL must name an empty PostgreSQL database.")
    with tempfile.TemporaryDirectory() as folder, _model() as model:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "MODEL_DIR": os.environ.get("MODEL_DIR", str(ROOT / "var" / "models")),
            "MISTRAL_API_KEY": "key",
            "MISTRAL_SERVER_URL": model,
            "ANSWER_CACHE_SECONDS": "0",
            "RETRIEVAL_THRESHOLD": "0",
            "MESSAGES_A_MINUTE": "1000000",  # one user asks everything
            "TOKENS_A_DAY_USER": "0",
            "LOG_LEVEL": "ERROR",
            "PGAPPNAME": "preparing",
        }
        django.setup()
        token = _prepare()
        with served(PGAPPNAME="streams") as serving:
            server = Server(serving.process)
            print(f"{WORDS} words in {_PACE:g} s; the server began with {server.memory()} MB")  # noqa: T201
            asyncio.run(_measure(options, server, Loads(serving.address, model, token)))


@contextmanager
def _model() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.slow_model", str(_PACE)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as service:  # noqa: S603 - ourselves
        try:
            yield service.stdout.readline().strip() if service.stdout else ""
        finally:
            service.terminate()


def _prepare() -> str:
    """The handbook indexed, and the token of somebody who asks."""
    from django.core.management import call_command

    from users.login_sessions import tokens_issue
    from users.models import Role
    from users.services import account_create

    call_command("migrate", verbosity=0)
    call_command("populate_documents", verbosity=0)
    name = f"asker-{os.getpid()}"
    user = account_create(username=name, email=f"{name}@example.org", password=name[::-1] * 3, role=Role.USER)
    return tokens_issue(user=user).access


if __name__ == "__main__":
    main()
