"""A file is parsed in another process, which may crash, hang or grow: the worker lives on and says why it failed."""

import os
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from django.conf import settings as django_settings
from pytest_django import Settings
from rest_framework.test import APIClient

from documents import sandbox
from documents.errors import LoadError
from documents.loading import load
from documents.sandbox import Parser
from tests.knowledge import HOURS, work
from tests.rag.test_index_api import found, upload

linux = pytest.mark.skipif(sys.platform != "linux", reason="the system limits neither memory nor orphans")
SLOW = b"*a `b |c " * 50_000
"""reStructuredText that takes its parser minutes."""


@pytest.fixture
def parser() -> Iterator[Parser]:
    parser = Parser()
    yield parser
    parser.close()


def refusal(parser: Parser, data: bytes, name: str, seconds: int = 60) -> tuple[str, int]:
    with pytest.raises(LoadError) as refused:
        parser.load(data, name, seconds=seconds)
    assert refused.value.detail.endswith(".")
    return refused.value.code, refused.value.status


def swelling_pdf() -> bytes:
    """Hardly anything, until its page is unpacked."""
    text = zlib.compress(b"BT /F1 12 Tf (aaaa) Tj ET\n" * 3_000_000)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, content) for number, content in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>"


def test_a_parser_reads_many_files(parser: Parser) -> None:
    parser.load(b"One.", "a.txt")
    first = parser.pid
    assert parser.load(b"# Two", "a.md").title == "Two"
    assert refusal(parser, b"[", "a.json") == ("corrupt", 422)
    assert parser.load(b"<html><p>Three", "a.html").blocks[0].text == "Three"
    assert parser.pid == first


def test_a_parser_is_replaced_after_a_number_of_files(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "RECYCLED_AFTER", 2)
    pids = []
    for _ in range(4):
        parser.load(b"Text.", "a.txt")
        pids.append(parser.pid)
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_file_that_takes_too_long_is_given_up(parser: Parser) -> None:
    assert refusal(parser, SLOW, "a.rst", seconds=1) == ("too_slow", 422)
    assert parser.load(b"Text.", "a.txt").blocks


@linux
def test_a_file_that_takes_too_much_memory_is_given_up(parser: Parser) -> None:
    assert refusal(parser, b"[" + b'{"a":1},' * 4_000_000 + b"{}]", "a.json") == ("too_big", 413)
    assert parser.load(b"Text.", "a.txt").blocks


@linux
def test_a_file_that_makes_its_library_run_out_of_memory_is_given_up(parser: Parser) -> None:
    assert refusal(parser, swelling_pdf(), "a.pdf") == ("too_big", 413)
    assert parser.load(b"Text.", "a.txt").blocks


def test_a_file_that_says_too_much_is_given_up(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MOST_OUTPUT", 1000)
    assert refusal(parser, b"word " * 500, "a.txt") == ("too_big", 413)
    assert parser.load(b"Text.", "a.txt").blocks


def test_a_crash_fails_one_file(parser: Parser) -> None:
    parser.load(b"Text.", "a.txt")
    assert parser.pid
    child = psutil.Process(parser.pid)

    def crash_when_busy() -> None:
        while child.cpu_times().user < 0.4:
            threading.Event().wait(0.01)
        os.kill(child.pid, signal.SIGSEGV)

    thread = threading.Thread(target=crash_when_busy)
    thread.start()
    assert refusal(parser, SLOW, "a.rst") == ("corrupt", 422)
    thread.join()
    assert parser.load(b"Text.", "a.txt").blocks


def test_a_parser_that_died_while_idle_costs_no_file(parser: Parser) -> None:
    parser.load(b"Text.", "a.txt")
    assert parser.pid
    os.kill(parser.pid, signal.SIGKILL)
    _await_zombie(parser.pid)
    assert parser.load(b"Text.", "a.txt").blocks


def test_a_parser_that_somebody_kills_costs_no_file(parser: Parser) -> None:
    parser.load(b"Text.", "a.txt")
    assert parser.pid
    os.kill(parser.pid, signal.SIGSTOP)  # it takes the file, and gets no further
    killer = threading.Timer(0.2, os.kill, [parser.pid, signal.SIGKILL])
    killer.start()
    assert parser.load(b"Text.", "a.txt").blocks
    killer.join()


def test_a_parser_ends_when_nothing_is_left_to_do() -> None:
    parser = Parser(idle=0)
    with closing(parser):
        parser.load(b"Text.", "a.txt")
        assert parser.pid
        _await_zombie(parser.pid)
        assert parser.load(b"Text.", "a.txt").blocks


def _await_zombie(pid: int) -> None:
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        threading.Event().wait(0.01)


def test_each_thread_has_its_own() -> None:
    def read() -> None:
        load(b"Text.", "a.txt")
        pids.append(sandbox.parser().pid)

    pids: list[int | None] = []
    read()
    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    first, second = pids
    assert first
    assert second
    assert first != second
    assert not psutil.pid_exists(second)  # it ended with its thread
    assert sandbox.parser().pid == first


@linux
def test_a_parser_dies_with_a_worker_that_is_killed() -> None:
    code = (
        "from documents.sandbox import Parser; p = Parser(); p.load(b'Text.', 'a.txt'); print(p.pid, flush=True);"
        "p.load(b'*a `b |c ' * 50_000, 'a.rst')"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code], cwd=django_settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    with worker:
        assert worker.stdout
        child = psutil.Process(int(worker.stdout.readline()))
        worker.kill()
        gone, _ = psutil.wait_procs([child], timeout=10)
    assert gone


@linux
def test_a_parser_knows_no_secret(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "MISTRAL_API_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "hush")
    parser.load(b"Text.", "a.txt")
    assert b"hush" not in Path(f"/proc/{parser.pid}/environ").read_bytes()


def test_what_a_parser_logs_is_logged(parser: Parser, caplog: pytest.LogCaptureFixture) -> None:
    refusal(parser, b"[", "a.json")
    assert "JsonLoader cannot read a file" in caplog.text


def test_a_file_that_takes_too_long_does_not_stop_the_others(editor_client: APIClient, settings: Settings) -> None:
    settings.PARSING = {**settings.PARSING, "SECONDS": 3}
    answer = upload(editor_client, ("slow.rst", SLOW), ("hours.md", HOURS.encode()))
    work()
    job = editor_client.get(answer.json()["status_url"]).json()
    assert [(error["file_name"], error["code"]) for error in job["errors"]] == [("slow.rst", "too_slow")]
    assert found(editor_client, "When is the library open?")[0]["source_uri"] == "hours.md"
