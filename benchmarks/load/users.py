# mypy: disable-error-code="misc, untyped-decorator"
"""Locust's users; run by Locust in its own environment, so nothing of the product is imported here.

Everybody is somebody else: an account and an address of their own, as a proxy would tell it. Requests go through
``http.client``, which costs this machine less than Locust's own client and hands over events as they come.
"""

import itertools
import json
import os
import random
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from locust import LoadTestShape, User, between, constant_pacing, events, task

SERVER = os.environ["LOAD_SERVER"]
STREAMS = os.environ.get("LOAD_STREAMS") or SERVER
PASSWORD = os.environ["ACCOUNT_PASSWORD"]
QUESTIONS = json.loads(Path(os.environ["LOAD_QUESTIONS"]).read_text())
PROFILE = os.environ["LOAD_PROFILE"]
USERS = int(os.environ["LOAD_USERS"])
SECONDS = float(os.environ["LOAD_SECONDS"])
RAMP = float(os.environ["LOAD_RAMP"])
PAUSE = [float(seconds) for seconds in os.environ["LOAD_PAUSE"].split()]
_IDLE = 3.0
"""Seconds after which a connection is opened anew: servers close those that say nothing for five."""
_TOKEN = 600.0
_numbers = {"user": itertools.count(), "editor": itertools.count()}
_samples = Path(os.environ["LOAD_SAMPLES"]).open("a", buffering=1)  # noqa: SIM115 - open until the end


@events.request.add_listener
def _kept(name: str, response_time: float, exception: BaseException | None, **_: Any) -> None:
    _samples.write(json.dumps([time.time(), name, response_time, str(exception) if exception else None]) + "\n")


class Profile(LoadTestShape):
    """steady: all, who come within the ramp. spike: a quarter, and twice for a fifth of the time all at once."""

    def tick(self) -> tuple[int, float] | None:
        at: float = self.get_run_time()
        if at >= SECONDS:
            return None
        if PROFILE == "steady":
            return USERS, USERS / RAMP
        return (USERS if int(5 * at / SECONDS) in (1, 3) else USERS // 4), USERS


class Person(User):
    abstract = True
    wait_time = between(*PAUSE)
    role = "user"

    def on_start(self) -> None:
        self.number = next(_numbers[self.role]) % USERS
        self.connection: HTTPConnection | None = None
        self.used, self.place = 0.0, ""
        self.tokens: dict[str, str] = {}
        self.log_in()

    def log_in(self) -> None:
        self.tokens = {}
        body = {"username": f"{self.role}-{self.number}", "password": PASSWORD}
        self.tokens = self.ask("log in", "POST", "/api/auth/login/", body)
        self.until = time.monotonic() + _TOKEN

    def ask(self, name: str, method: str, path: str, body: Any = None, *, stream: bool = False) -> dict[str, Any]:
        """What is answered: the JSON, or of a stream its last event. Locust is told, whatever happens."""
        if self.tokens and time.monotonic() > self.until:
            refresh, self.until = self.tokens.pop("refresh"), time.monotonic() + _TOKEN
            self.tokens = self.ask("refresh", "POST", "/api/auth/refresh/", {"refresh": refresh})
        began = time.perf_counter()
        answer: dict[str, Any] = {}
        size, failure = 0, None
        try:
            said = self._exchange(name, method, path, body, stream)
            size = len(said)
            answer = json.loads(said.rpartition(b"data: ")[2]) if said else {}
        except (OSError, HTTPException, ValueError) as error:
            failure, self.connection = error, None
        self._tell(method, name, began, size, failure)
        return answer

    def _tell(self, method: str, name: str, began: float, size: int = 0, failure: Exception | None = None) -> None:
        self.environment.events.request.fire(
            request_type=method,
            name=name,
            response_time=1000 * (time.perf_counter() - began),
            response_length=size,
            exception=failure,
            context={},
        )

    def _exchange(self, name: str, method: str, path: str, body: Any, stream: bool) -> bytes:
        began = time.perf_counter()
        connection = self._connected(STREAMS if stream else SERVER)
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream" if stream else "application/json",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"10.{len(self.role)}.{self.number // 250}.{self.number % 250 + 1}",
        }
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['access']}"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        said = b""
        while piece := response.read1(65536) if stream else response.read():
            if stream and b"event: delta" in piece and b"event: delta" not in said:
                self._tell("", f"{name}: first words", began)
            said += piece
        self.used = time.monotonic()
        if response.status >= 400 or (stream and b"event: done" not in said):
            raise ValueError(f"{response.status} {said[-300:].decode(errors='replace')}")
        return said

    def _connected(self, place: str) -> HTTPConnection:
        if self.connection and self.place == place and time.monotonic() - self.used < _IDLE:
            return self.connection
        if self.connection:
            self.connection.close()
        self.connection, self.place = HTTPConnection(place, timeout=120), place
        return self.connection


class Asker(Person):
    """Three questions in a conversation."""

    abstract = True
    stream = False
    name = ""
    session_id, asked = "", 0

    @task
    def question(self) -> None:
        if self.asked % 3 == 0:
            self.session_id = ""
        self.asked += 1
        body = {"content": random.choice(QUESTIONS)}  # noqa: S311 - any will do
        if self.session_id:
            body["session_id"] = self.session_id
        answer = self.ask(self.name, "POST", "/api/chat/messages/", body, stream=self.stream)
        self.session_id = answer.get("bot_message", answer).get("session_id", "")


class StreamAsker(Asker):
    weight, stream, name = 30, True, "chat, events"


class JsonAsker(Asker):
    weight, name = 20, "chat, JSON"


class Searcher(Person):
    weight = 25

    @task
    def search(self) -> None:
        question = random.choice(QUESTIONS)  # noqa: S311
        self.ask("search", "GET", f"/api/rag/search/?q={question.replace(' ', '+').rstrip('?')}&top_k=5")


class Reader(Person):
    """Asks once, then reads what there is."""

    weight = 12

    def on_start(self) -> None:
        super().on_start()
        self.ask("chat, JSON", "POST", "/api/chat/messages/", {"content": random.choice(QUESTIONS)})  # noqa: S311

    @task
    def history(self) -> None:
        found = self.ask("history", "GET", "/api/chat/history/")
        if sessions := found.get("sessions"):
            self.ask("messages of a session", "GET", f"/api/chat/sessions/{sessions[0]['id']}/messages/")


class Newcomer(Person):
    """Logs in three times a minute; the limit is at five."""

    weight = 8
    wait_time = constant_pacing(20)

    @task
    def again(self) -> None:
        self.log_in()
        self.ask("profile", "GET", "/api/auth/me/")
        if "refresh" in self.tokens:
            self.ask("log out", "POST", "/api/auth/logout/", {"refresh": self.tokens["refresh"]})


class Editor(Person):
    """Hands in a page each few seconds and looks what has become of it."""

    weight, role = 5, "editor"
    wait_time = between(5, 15)

    @task
    def upload(self) -> None:
        number = random.randrange(10_000)  # noqa: S311
        facts = [f"Fact {number}-{place}: room {number + place} opens at {place % 12 + 1}." for place in range(60)]
        content = "\n\n".join(f"## Part {at}\n\n" + " ".join(facts[at * 10 : at * 10 + 10]) for at in range(6))
        job = self.ask("upload", "POST", "/api/rag/index/", {"title": f"Rooms {number}", "content": content})
        if "job_id" in job:
            self.ask("upload's state", "GET", f"/api/rag/index/{job['job_id']}/")
