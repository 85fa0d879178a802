"""`manage.py serve`, which `make run` calls: from nothing to a cited answer, over a real socket."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.serving import soon

pytestmark = pytest.mark.once  # a newcomer has neither PostgreSQL nor Redis
PASSWORD = "correct horse battery staple"


class Product:
    """The product as a newcomer starts it, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DATABASE_URL": f"sqlite:///{self.folder / 'db.sqlite3'}",
            "REDIS_URL": "",
            "DATA_DIR": str(self.folder),
            "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
        }

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            cwd=settings.BASE_DIR,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, said: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env={**self.environment(), **more},
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )

    def post(self, path: str, sent: dict[str, Any], token: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(sent).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            body: dict[str, Any] = json.loads(answer.read())
            return answer.status, body


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process prints, up to the line with these words."""
    assert process.stdout
    printed: str = ""
    for line in process.stdout:
        printed += line
        if words in line:
            return printed
    raise AssertionError(printed)


@contextmanager
def running(product: Product) -> Iterator[tuple[Product, str]]:
    """Started, with what it printed, and ended by Ctrl-C."""
    process = product.start()
    try:
        yield product, read_until(process, "is running at")
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    with pytest.raises(urllib.error.URLError):
        product.post("/api/auth/login/", {})


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    return Product(tmp_path_factory.mktemp("newcomer"))


@pytest.fixture
def first_start(product: Product) -> Iterator[tuple[Product, str]]:
    with running(product) as started:
        yield started


@pytest.fixture(scope="module")
def second_start(product: Product) -> Iterator[tuple[Product, str]]:
    """For all that comes after the first: a start takes seconds."""
    with running(product) as started:
        yield started


def test_a_newcomer_registers_asks_and_is_answered_from_the_handbook(first_start: tuple[Product, str]) -> None:
    product, printed = first_start
    account = re.search(r"user name demo, password (\S+)", printed)
    assert account
    status, tokens = product.post("/api/auth/login/", {"username": "demo", "password": account.group(1)})
    assert status == 200

    def said() -> str:
        return str(product.post("/api/jobs/tokens/run/", {}, tokens["access"])[1]["detail"])

    soon(lambda: "No scheduler" not in said(), 20)
    product.post("/api/auth/register/", {"username": "ada", "email": "ada@example.org", "password": PASSWORD})
    mails = product.folder / "mail"
    assert f"Mails are written to {mails}" in printed
    soon(mails.exists, 10)
    soon(lambda: f"http://127.0.0.1:{product.port}/#/verify/" in "".join(file.read_text() for file in mails.iterdir()))
    token = product.post("/api/auth/login/", {"username": "ada", "password": PASSWORD})[1]["access"]
    status, body = product.post("/api/chat/messages/", {"content": "How do I index a PDF?"}, token)
    assert status == 201
    assert "index_documents" in body["bot_message"]["content"]
    assert body["bot_message"]["citations"]
    body = product.post("/api/chat/messages/", {"content": "What is the boiling point of tungsten?"}, token)[1]
    assert body["bot_message"]["grounded"] is False


def test_the_second_start_keeps_everything_and_makes_no_other_account(second_start: tuple[Product, str]) -> None:
    product, printed = second_start
    assert "password" not in printed
    assert "0 indexed" in printed
    assert product.post("/api/auth/login/", {"username": "ada", "password": PASSWORD})[0] == 200


def test_a_folder_of_files_is_checked_against_the_running_product(
    second_start: tuple[Product, str], tmp_path: Path
) -> None:
    product, _ = second_start
    made = product.run(
        "manage.py", "create_account", "edda", "edda@example.org", "--role", "editor", ACCOUNT_PASSWORD=PASSWORD
    )
    assert made.returncode == 0, made.stderr
    (tmp_path / "lamp.md").write_text("# The lamp\n\nIt has three\nbuttons.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 ")
    (tmp_path / "empty.txt").write_bytes(b"")
    cases = [
        {"file": "lamp.md", "expect": "text", "contains": "three buttons"},
        {"file": "broken.pdf", "expect": "error", "error": "corrupt"},
        {"file": "empty.txt", "expect": "error", "error": "empty"},
        {"file": "lamp.md", "expect": "text", "contains": "four buttons"},
        {"file": "lamp.md", "expect": "error", "error": "corrupt"},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(cases))
    address = f"http://127.0.0.1:{product.port}"
    checked = product.run(
        "-m", "benchmarks.files", "--url", address, "--account", "edda", str(tmp_path), said=f"{PASSWORD}\n"
    )
    assert checked.returncode == 1, checked.stderr
    *lines, summary = checked.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "ok", "ok", "FAILED", "FAILED"]
    assert "heading 'The lamp'" in lines[0]
    assert re.fullmatch(r"3 of 5 as expected, [1-9]\d* MB at most", summary)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    product = Product(tmp_path)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", product.port))
        taken.listen()
        process = product.start()
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"Port {product.port} cannot be used" in output
