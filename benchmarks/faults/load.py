"""Users of the product: they ask, stream, search, look back, rate, upload and delete, and try again when it fails.

Whoever gets no answer sends the same request again with the same Idempotency-Key, as a good client does, for a while.
"""

import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from benchmarks.faults.ledger import Ledger
from benchmarks.faults.stack import PORT

BASE = f"http://127.0.0.1:{PORT}"
PASSWORD = "a long pass phrase of 2026"  # noqa: S105
SECONDS = 40.0
"""No user waits longer for anything."""
TOPICS = {
    "library": "The library lends seven books at a time. A loan lasts four weeks. Late returns cost money.",
    "kitchen": "The kitchen closes at ten in the evening. Guests wash up. The oven is cleaned on Fridays.",
    "workshop": "The workshop has nine benches. A bench is booked for two hours. The saw needs an instructor.",
    "garden": "The garden is watered at six in the morning. Tomatoes are picked in August. Dogs stay outside.",
}
QUESTIONS = (
    "How many books does the library lend at a time?",
    "When does the kitchen close in the evening?",
    "How many benches has the workshop?",
    "When is the garden watered?",
)


class Failed(Exception):
    """Not acknowledged."""


class Person:
    """An account, and what it does over HTTP."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.ledger, self.name = ledger, name
        self._token = ""
        self._client = httpx.Client(
            base_url=BASE, timeout=SECONDS, headers={"X-Forwarded-Proto": "https"}, trust_env=False
        )

    def call(self, action: str, method: str, path: str, *good: int, **options: Any) -> httpx.Response:
        """Raises Failed unless the answer has one of these statuses. Whatever came is noted."""
        since, began = len(self.ledger.rows), time.monotonic()
        status, code = 0, ""
        try:
            answer = self._client.request(method, path, headers=self._headers(options.pop("headers", {})), **options)
            status = answer.status_code
            if status >= 400 and status not in good:
                code = _code(answer.content)
        except httpx.HTTPError as error:
            code = type(error).__name__
            raise Failed(code) from None
        finally:
            self.ledger.saw(action, status, code, time.monotonic() - began, since)
        if status == 401:
            self._token = ""
        if status not in good:
            raise Failed(f"{action}: {status} {code}")
        return answer

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**more, **({"Authorization": f"Bearer {self._token}"} if self._token else {})}

    def log_in(self) -> None:
        if not self._token:
            answer = self.call("login", "POST", "/api/auth/login/", 200, json=self.words())
            self._token = answer.json()["access"]

    def words(self) -> dict[str, str]:
        return {"username": self.name, "password": PASSWORD}

    def register(self) -> None:
        self.call("register", "POST", "/api/auth/register/", 201,
                  json={**self.words(), "email": f"{self.name}@example.org"})  # fmt: skip
        self.ledger.acknowledged("account", self.name)

    def ask(self, question: str, key: str) -> dict[str, Any]:
        body = {"content": f"{question} ({key})"}
        answer = self.call("chat", "POST", "/api/chat/messages/", 200, 201, json=body, headers={"Idempotency-Key": key})
        told: dict[str, Any] = answer.json()
        self._keep(key, told["user_message"]["id"], told["bot_message"])
        return told["bot_message"]  # type: ignore[no-any-return]

    def stream(self, question: str, key: str) -> dict[str, Any]:
        """The answer as it is in the last event."""
        since, began = len(self.ledger.rows), time.monotonic()
        status, code, name, asked = 0, "", "", ""
        headers = self._headers({"Accept": "text/event-stream", "Idempotency-Key": key})
        try:
            with self._client.stream(
                "POST", "/api/chat/messages/", json={"content": f"{question} ({key})"}, headers=headers
            ) as answer:
                status = answer.status_code
                if status >= 400:
                    code = _code(answer.read())
                    raise Failed(f"stream: {status} {code}")
                for line in answer.iter_lines():
                    if line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("data: ") and name in ("sources", "done", "error"):
                        told = json.loads(line[6:])
                        if name == "sources":
                            self.ledger.acknowledged("begun", told["message_id"], key)
                            asked = told["user_message"]["id"]
                        elif name == "error":
                            code = told.get("code", "")
                            raise Failed(f"stream: {code}")
                        else:
                            self._keep(key, asked or told["parent_id"], told)  # told again, it comes alone
                            return told  # type: ignore[no-any-return]
                code = "cut"
                raise Failed("stream: cut")
        except httpx.HTTPError as error:
            code = type(error).__name__
            raise Failed(code) from None
        finally:
            self.ledger.saw("stream", status, code, time.monotonic() - began, since)
            if status == 401:
                self._token = ""

    def _keep(self, key: str, question: str, answer: Mapping[str, Any]) -> None:
        told = {name: answer[name] for name in ("content", "status", "model")}
        told |= {"question": question, "answer": answer["id"], "by": self.name}
        self.ledger.acknowledged("message", key, told)

    def upload(self, name: str, text: str) -> str:
        """The id of the document."""
        file = (f"{name}.md", f"# {name}\n\n{text}\n".encode(), "text/markdown")
        answer = self.call("upload", "POST", "/api/rag/index/", 200, 202, files={"file": file})
        key: str = answer.json()["documents"][0]["id"]
        self.ledger.acknowledged("document", f"{name}.md", key)
        return key


def _code(content: bytes) -> str:
    try:
        return str(json.loads(content).get("code", ""))
    except (ValueError, AttributeError):
        return "no problem details"


class Load:
    """So many people at once, each doing one thing after the other."""

    def __init__(self, ledger: Ledger, people: int, seed: int) -> None:
        self.ledger = ledger
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(number, random.Random(f"{seed}:{number}")))  # noqa: S311
            for number in range(people)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * SECONDS)

    def _live(self, number: int, chance: random.Random) -> None:  # noqa: C901 - a list of what people do
        person = Person(self.ledger, f"user-{number}")
        editor = Person(self.ledger, "editor")
        uploaded: list[tuple[str, str]] = []
        answers: list[str] = []
        self._insist(person.register, 120)

        def ask() -> None:
            key, question = uuid.uuid4().hex, chance.choice(QUESTIONS)
            self._insist(lambda: answers.append(person.ask(question, key)["id"]), 12)

        def stream() -> None:
            key, question = uuid.uuid4().hex, chance.choice(QUESTIONS)
            self._insist(lambda: answers.append(person.stream(question, key)["id"]), 12)

        def rate() -> None:
            if answers:
                key, value = answers.pop(), chance.choice(["helpful", "not_helpful"])
                person.call("feedback", "POST", f"/api/chat/messages/{key}/feedback/", 200, json={"feedback": value})
                self.ledger.acknowledged("feedback", key, value)

        def upload() -> None:
            name, topic = f"note-{uuid.uuid4().hex[:12]}", chance.choice(list(TOPICS.values()))
            self._insist(lambda: uploaded.append((f"{name}.md", editor.upload(name, topic))), 20, editor)

        def remove() -> None:
            if uploaded:
                source, key = uploaded.pop(0)
                self.ledger.acknowledged("going", source, key)
                self._insist(lambda: editor.call("delete", "DELETE", f"/api/documents/{key}/", 204, 404), 20, editor)
                self.ledger.acknowledged("removed", source, key)

        def search() -> None:
            person.call("search", "GET", "/api/rag/search/", 200, params={"q": chance.choice(QUESTIONS)})

        def look_back() -> None:
            person.call("history", "GET", "/api/chat/history/", 200)

        def register() -> None:
            newcomer = Person(self.ledger, f"user-{number}-{uuid.uuid4().hex[:8]}")
            newcomer.register()

        def come_back() -> None:
            person._token = ""

        things: dict[Callable[[], None], int] = {ask: 6, stream: 6, search: 4, look_back: 2, rate: 3, upload: 2,
                                                 remove: 1, register: 1, come_back: 2}  # fmt: skip
        while not self._stop.wait(0.2 + chance.random() / 2):
            thing = chance.choices(list(things), list(things.values()))[0]
            try:
                person.log_in()
                editor.log_in() if thing in (upload, remove) else None
                thing()
            except Failed:
                pass

    def _insist(self, call: Callable[[], Any], seconds: float, person: Person | None = None) -> None:
        """Again and again until it is acknowledged. Raises Failed."""
        until = time.monotonic() + seconds
        while True:
            try:
                if person:
                    person.log_in()
                call()
                return
            except Failed:
                if time.monotonic() > until or self._stop.wait(0.5):
                    raise
