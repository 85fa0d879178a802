"""How soon a process that serves gives its first answer, and what it takes: python -m benchmarks.starting [--rounds 3]

The product as it is in production, gunicorn with one worker, once with everything on this machine and once with its
embeddings, vectors and answers from stand-ins of Mistral and Pinecone. The handbook is indexed beforehand. Told are the
seconds from the start of gunicorn to the end of its first whole answer, by the wall and of the processor; the resident
memory of the worker after it, and after thirty more; and which of the large libraries it has loaded.
"""

import argparse
import http.client
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.serving import ROOT, free_port
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.pinecone import LoopbackPinecone

_LIBRARIES = ("onnxruntime", "faiss", "tokenizers", "tantivy")
_QUESTIONS = ("How do I index a PDF?", "How do I make an account?", "What is a golden question?", "Who may upload?")
_MORE = 30
_PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Started:
    seconds: float
    processor: float
    first: int
    """MB after the first answer."""
    after: int
    loaded: tuple[str, ...]


def _ask(port: int, path: str, body: dict[str, str], token: str = "") -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    connection.request("POST", path, json.dumps(body), headers if token else {"Content-Type": "application/json"})
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, json.loads(read)


@contextmanager
def _gunicorn(environment: dict[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.asgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:  # noqa: S603 - ourselves
        try:
            yield process, port
        finally:
            process.terminate()


def start(environment: dict[str, str], token: str) -> Started:
    began = time.perf_counter()
    with _gunicorn(environment) as (process, port):
        while True:
            try:
                status, answer = _ask(port, "/api/chat/messages/", {"content": _QUESTIONS[0]}, token)
                break
            except ConnectionError:  # it does not listen yet
                if time.perf_counter() - began > _PATIENCE:
                    raise
                time.sleep(0.01)
        seconds = time.perf_counter() - began
        assert status == 201, answer  # noqa: S101
        (worker,) = psutil.Process(process.pid).children()
        times = worker.cpu_times()
        first = worker.memory_info().rss
        for number in range(_MORE):
            _ask(port, "/api/chat/messages/", {"content": _QUESTIONS[number % len(_QUESTIONS)]}, token)
        maps = Path(f"/proc/{worker.pid}/maps").read_text()
        loaded = tuple(name for name in _LIBRARIES if f"/{name}" in maps)
        after = worker.memory_info().rss
        return Started(seconds, times.user + times.system, first // 2**20, after // 2**20, loaded)


def _prepare(environment: dict[str, str], *commands: list[str]) -> None:
    for command in commands:
        subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
        )


def measure(name: str, environment: dict[str, str], rounds: int) -> None:
    prepared = [["migrate", "-v0"], *([["create_index"]] if "PINECONE_API_KEY" in environment else [])]
    _prepare(environment, *prepared, ["populate_documents"], ["create_account", "grace", "grace@example.org"])
    with _gunicorn(environment) as (_, port):
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                body = {"username": "grace", "password": environment["ACCOUNT_PASSWORD"]}
                token = str(_ask(port, "/api/auth/login/", body)[1]["access"])
                break
            except ConnectionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
    found = [start(environment, token) for _ in range(rounds)]
    print(  # noqa: T201
        f"{name}: first answer after {min(one.seconds for one in found):.2f} s at best, "
        f"{statistics.median(one.seconds for one in found):.2f} s as a rule "
        f"({statistics.median(one.processor for one in found):.2f} s of the processor); "
        f"{max(one.first for one in found)} MB after it, {max(one.after for one in found)} MB after {_MORE} more; "
        f"loaded: {', '.join(found[0].loaded)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    common = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "ENV_FILE": os.devnull,
        "MODEL_DIR": os.environ.get("MODEL_DIR", str(ROOT / "var" / "models")),
        "ACCOUNT_PASSWORD": secrets.token_urlsafe(12),
        "ANSWER_CACHE_SECONDS": "0",
        "MESSAGES_A_MINUTE": "1000000",
        "LOG_LEVEL": "ERROR",
    }
    with tempfile.TemporaryDirectory() as folder:
        measure("offline", {**common, "DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": ""}, rounds)
    with tempfile.TemporaryDirectory() as folder, LoopbackMistral() as mistral, LoopbackPinecone() as pinecone:
        online = {
            "DATA_DIR": folder,
            "MISTRAL_API_KEY": mistral.key,
            "MISTRAL_SERVER_URL": mistral.url,
            "PINECONE_API_KEY": pinecone.key,
            "PINECONE_HOST": pinecone.url,
            "PINECONE_CONTROLLER_URL": pinecone.url,
        }
        measure("online", common | online, rounds)


if __name__ == "__main__":
    main()
