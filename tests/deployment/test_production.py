"""The page on deployment installs what people use over HTTPS, and updates it while they do.

Its commands are read out of the page, its units, proxy and settings out of the files that are shipped.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings

from config.env import BASE_DIR
from tests.deployment.machine import Machine
from tests.deployment.page import INSTALL, UPDATE, commands
from tests.deployment.visitor import Stream, Visitor
from tests.knowledge import HOURS, LOANS
from tests.log_watch import PASSWORD
from tests.serving import soon

DATABASE = django_settings.DATABASES["default"]
pytestmark = [
    pytest.mark.skipif(
        not (DATABASE["ENGINE"].endswith("postgresql") and django_settings.ENV.redis_url),
        reason="production stands on PostgreSQL and Redis",
    ),
    pytest.mark.timeout(900),
]
QUESTION = "How many books may a reader borrow?"


@pytest.fixture
def database() -> Iterator[str]:
    name = f"grounded_machine_{os.getpid()}"
    server = f"postgres://{DATABASE['USER']}:{DATABASE['PASSWORD']}@{DATABASE['HOST']}:{DATABASE['PORT']}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def model() -> Iterator[str]:
    """Writes fifty words in three seconds."""
    command = [sys.executable, "-m", "benchmarks.slow_model", "3"]
    with subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout
        try:
            yield service.stdout.readline().strip()
        finally:
            service.terminate()


@pytest.fixture
def machine(tmp_path: Path, database: str, model: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setenv("ACCOUNT_PASSWORD", PASSWORD)
    settings = {
        "SECRET_KEY": "Vq3-one-key-of-a-test-7Tz_that-guards-nothing-8Wm_and-is-long-enough-2Kd",
        "JWT_SIGNING_KEY": "Hb5-another-key-of-a-test-4Rx_that-signs-nothing-9Pn_and-is-long-too-6Lf",
        "ALLOWED_HOSTS": "site.example",
        "DATABASE_URL": database,
        "REDIS_URL": django_settings.ENV.redis_url,
        "EMAIL_URL": "smtp+plain://127.0.0.1:1",
        "PUBLIC_URL": "https://site.example",
        # Not on the page: a model that takes its time, and the test's copy of the embedder's.
        "OPENAI_BASE_URL": f"{model}/v1",
        "OPENAI_MODEL": "slow",
        "OPENAI_API_KEY": "key",
        "ANSWER_CACHE_SECONDS": "0",
        "MODEL_DIR": str(django_settings.RAG["MODEL_DIR"]),
    }
    with Machine(tmp_path, settings) as made:
        yield made


def test_it_is_installed_used_and_updated_as_the_page_says(machine: Machine) -> None:
    for command in commands(INSTALL):
        machine.run(command)
    visitor = Visitor(machine.outside)
    soon(visitor.finds_it_alive, seconds=180)
    visitor.log_in("ada", PASSWORD)
    indexed(visitor, "loans.md", LOANS)
    an_answer_comes_whole_and_in_pieces(visitor)
    what_is_too_large_is_refused(visitor)
    nobody_gets_in_by_a_header(visitor)
    nobody_notices_the_update(machine, visitor)
    nothing_is_lost_where_a_worker_ends(machine, visitor)
    it_stops_in_order(machine, visitor)


def indexed(visitor: Visitor, name: str, text: str) -> None:
    status, job = visitor.upload(name, text.encode())
    assert status == 202, job
    published(visitor, job["status_url"])


def published(visitor: Visitor, job: str) -> None:
    until = time.monotonic() + 120
    while (told := visitor.ask("GET", job.removeprefix("https://site.example"))[1])["state"] != "done":
        assert told["state"] in ("pending", "running"), told
        assert time.monotonic() < until, told
        threading.Event().wait(0.2)


def an_answer_comes_whole_and_in_pieces(visitor: Visitor) -> None:
    status, answer = visitor.ask("POST", "/api/chat/messages/", {"content": QUESTION})
    assert status in (200, 201)
    assert answer["bot_message"]["citations"]
    stream = visitor.listen(QUESTION)
    assert stream.complete
    assert stream.seconds > 1.5  # the proxy did not hold them back
    left = f"/api/chat/messages/{visitor.leave(QUESTION)}/"
    soon(lambda: visitor.ask("GET", left)[1]["status"] == "stopped", seconds=20)


def what_is_too_large_is_refused(visitor: Visitor) -> None:
    assert visitor.announce(70_000_000) == 413
    status, refused = visitor.upload("large.txt", b"x" * 52_000_000)
    assert status in (400, 413), refused


def nobody_gets_in_by_a_header(visitor: Visitor) -> None:
    assert visitor.ask("GET", "/metrics")[0] == 404
    assert visitor.ask("GET", "/api/health/", Host="elsewhere.example")[0] == 400
    status, _ = visitor.ask("GET", "/api/health/", **{"X-Forwarded-Proto": "http", "X-Forwarded-Host": "e.example"})
    assert status == 200
    told = set()
    for number in range(7):  # five in a minute from one address, whatever is claimed
        wrong = {"username": "nobody", "password": "wrong"}
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "Authorization": ""}
        told.add(visitor.ask("POST", "/api/auth/login/", wrong, **headers)[0])
    assert 429 in told


def nobody_notices_the_update(machine: Machine, visitor: Visitor) -> None:
    """People ask and listen all the while; every request is answered and every answer comes to its end."""
    done = threading.Event()
    statuses: list[int] = []
    streams: list[Stream] = []

    def asks() -> None:
        while not done.is_set():
            statuses.append(visitor.ask("GET", "/api/health/")[0])
            statuses.append(visitor.ask("POST", "/api/chat/sessions/", {})[0])
            done.wait(0.1)

    def listens() -> None:
        while not done.is_set():
            streams.append(visitor.listen(QUESTION))

    with ThreadPoolExecutor(4) as pool:
        people = [pool.submit(asks), pool.submit(asks), pool.submit(listens), pool.submit(listens)]
        try:
            for command in commands(UPDATE):
                machine.run(command)
        finally:
            done.set()
        for person in people:
            person.result()
    assert set(statuses) <= {200, 201}, sorted(set(statuses))
    assert all(stream.complete for stream in streams)
    serving = os.readlink(f"/proc/{machine.systemd.main('grounded-web.service')}/cwd")
    assert serving.endswith("/releases/0.2.0")
    print(f"{len(statuses)} requests and {len(streams)} streams during the update")  # noqa: T201


def nothing_is_lost_where_a_worker_ends(machine: Machine, visitor: Visitor) -> None:
    status, job = visitor.upload("hours.md", HOURS.encode())
    assert status == 202
    machine.systemd.control("restart", "grounded-worker@1.service")
    published(visitor, job["status_url"])


def it_stops_in_order(machine: Machine, visitor: Visitor) -> None:
    """What is being told is told to its end; nothing has to be killed."""
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(visitor.listen, QUESTION)
        threading.Event().wait(1.5)
        took = machine.systemd.stop("grounded-web.service")
        assert stream.result().complete
    assert took < 45
    for name in ("grounded-worker@1.service", "grounded-scheduler.service"):
        machine.systemd.stop(name)
