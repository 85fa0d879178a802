"""Whether a running server reads real files: python -m benchmarks.files --account edda FOLDER

FOLDER holds files and a manifest.json, a list of objects: ``file``; ``expect``, which is ``text``, ``error`` or
``error_or_text``; ``contains``, a phrase that a search must find in the file; ``error``, the code it is refused with.
Each file is uploaded as an editor does it, its job awaited, the phrase searched for. The password is asked for, or
read from standard input. Where the server runs on this machine, the most memory that its processes held is told.
"""

import argparse
import getpass
import json
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

_POLL = 0.1
_TOKEN_LASTS = 600


@dataclass
class Outcome:
    ok: bool
    seconds: float
    said: str


class Server:
    def __init__(self, url: str, account: str, password: str, collection: str | None, timeout: float) -> None:
        self._client = httpx.Client(base_url=url, timeout=60)
        self._account, self._password, self._logged_in = account, password, -float("inf")
        self._collection, self._timeout = collection, timeout

    def check(self, path: Path, case: dict[str, Any]) -> Outcome:
        self._log_in()
        started = time.monotonic()
        code, document = self._index(path)
        seconds = time.monotonic() - started
        if code:
            return Outcome(case["expect"] != "text" and code == case["error"], seconds, code)
        if case["expect"] == "error":
            return Outcome(False, seconds, f"read, not refused with {case['error']}")
        hit = self._find(case["contains"], document)
        if hit is None:
            return Outcome(False, seconds, f"no passage holds {case['contains']!r}")
        return Outcome(True, seconds, f"page {hit['page']}, heading {hit['heading']!r}")

    def _index(self, path: Path) -> tuple[str, str]:
        """The code of the error, or nothing, and the document's id."""
        fields = {"collection": self._collection} if self._collection else {}
        answer = self._client.post("/api/rag/index/", files={"file": (path.name, path.read_bytes())}, data=fields)
        body = answer.json()
        if answer.is_error:
            return body["code"], ""
        until = time.monotonic() + self._timeout
        while time.monotonic() < until:
            job = self._client.get(body["status_url"]).raise_for_status().json()
            if job["errors"]:
                return job["errors"][0]["code"], ""
            if job["state"] == "done":
                return "", body["documents"][0]["id"]
            time.sleep(_POLL)
        return "not done in time", ""

    def _find(self, phrase: str, document: str) -> dict[str, Any] | None:
        wanted = "".join(phrase.split())
        query: dict[str, str | int] = {"q": phrase, "top_k": 50}
        if self._collection:
            query["collection"] = self._collection
        results = self._client.get("/api/rag/search/", params=query).raise_for_status().json()["results"]
        return next(
            (
                result
                for result in results
                if result["document_id"] == document and wanted in "".join(result["text"].split())
            ),
            None,
        )

    def _log_in(self) -> None:
        if time.monotonic() - self._logged_in < _TOKEN_LASTS:
            return
        answer = self._client.post(
            "/api/auth/login/", json={"username": self._account, "password": self._password}
        ).raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access']}"
        self._logged_in = time.monotonic()


class Memory(threading.Thread):
    """Looks again and again at how much memory a process and all below it hold."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(pid)
        self.peak = 0

    def run(self) -> None:
        while True:
            with suppress(psutil.Error):
                self.peak = max(self.peak, sum(map(_held, [self._root, *self._root.children(recursive=True)])))
            time.sleep(0.05)

    def take(self) -> float:
        """Megabytes at most since the last call."""
        peak, self.peak = self.peak, 0
        return peak / 1e6


def _held(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        held: int = process.memory_info().rss
        return held
    return 0


def _server_process(url: str) -> int | None:
    """The process of this machine that listens there, or the one of ours that started it."""
    port = urlsplit(url).port
    listening = (
        c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == port and c.pid
    )
    pid = next(listening, None)
    while pid and (parent := psutil.Process(pid).parent()) and "manage.py" in parent.cmdline():
        pid = parent.pid
    return pid


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--account", required=True, help="an editor's or admin's name")
    parser.add_argument("--collection", help="the collection to use, by its slug")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for each file")
    parser.add_argument("--pid", type=int, help="the server's process, if it is not found by its port")
    options = parser.parse_args()
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

    server = Server(options.url, options.account, password, options.collection, options.timeout)
    pid = options.pid or _server_process(options.url)
    memory = Memory(pid) if pid else None
    if memory:
        memory.start()
    cases: list[dict[str, Any]] = json.loads((options.folder / "manifest.json").read_text(encoding="utf-8"))
    failed, most = 0, 0.0
    for case in cases:
        outcome = server.check(options.folder / case["file"], case)
        peak = memory.take() if memory else 0.0
        failed, most = failed + (not outcome.ok), max(most, peak)
        mark, held = "ok    " if outcome.ok else "FAILED", f"{peak:5.0f} MB" if memory else ""
        print(f"{mark} {outcome.seconds:6.2f} s {held}  {case['file']}: {outcome.said}", flush=True)  # noqa: T201
    print(f"{len(cases) - failed} of {len(cases)} as expected" + (f", {most:.0f} MB at most" if memory else ""))  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
