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
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

PASSWORD = "correct horse battery staple"


class Product:
    """The product as a newcomer starts it, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.local",
                "DATABASE_URL": f"sqlite:///{self.folder / 'db.sqlite3'}",
                "DATA_DIR": str(self.folder),
                "MODEL_DIR": str(settings.RAG["MODEL_DIR"]),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def post(self, path: str, sent: dict[str, Any], token: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(sent).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
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


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    return Product(tmp_path_factory.mktemp("newcomer"))


@pytest.fixture
def running(product: Product) -> Iterator[tuple[Product, str]]:
    process = product.start()
    try:
        yield product, read_until(process, "is running at")
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    with pytest.raises(urllib.error.URLError):
        product.post("/api/auth/login/", {})


def test_a_newcomer_registers_asks_and_is_answered_from_the_handbook(running: tuple[Product, str]) -> None:
    product, printed = running
    account = re.search(r"user name demo, password (\S+)", printed)
    assert account
    assert product.post("/api/auth/login/", {"username": "demo", "password": account.group(1)})[0] == 200
    product.post("/api/auth/register/", {"username": "ada", "email": "ada@example.org", "password": PASSWORD})
    token = product.post("/api/auth/login/", {"username": "ada", "password": PASSWORD})[1]["access"]
    status, body = product.post("/api/chat/messages/", {"content": "How do I index a PDF?"}, token)
    assert status == 201
    assert "index_documents" in body["bot_message"]["content"]
    assert body["bot_message"]["citations"]
    body = product.post("/api/chat/messages/", {"content": "What is the boiling point of tungsten?"}, token)[1]
    assert body["bot_message"]["grounded"] is False


def test_the_second_start_keeps_everything_and_makes_no_other_account(running: tuple[Product, str]) -> None:
    product, printed = running
    assert "password" not in printed
    assert "0 indexed" in printed
    assert product.post("/api/auth/login/", {"username": "ada", "password": PASSWORD})[0] == 200


def test_a_port_that_is_taken_is_named(product: Product) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", product.port))
        taken.listen()
        process = product.start()
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"Port {product.port} cannot be used" in output
