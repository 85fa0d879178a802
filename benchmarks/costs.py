"""What a request costs a server: python -m benchmarks.costs [--beside OTHER_CHECKOUT] [--requests 48] [--rounds 5]

Milliseconds of the processor that one server process spends on a request of each kind, as in production, on a
database of its own; those of the other programs on the machine are not in it. With ``--beside`` a server of another
checkout runs on the same database, and both are asked in turn, a dozen requests at a time. The model writes 50 words in
a second, and the knowledge base is the handbook (docs/scale.md has larger ones).
"""

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import psutil

from benchmarks.load.product import Product, Servers, prepared, server
from benchmarks.serving import ROOT

Ask = Callable[["Client", int], object]


class Client:
    """Somebody with a connection to one server."""

    def __init__(self, place: str, number: int, product: Product) -> None:
        self.number = number
        self.connection, self._questions = HTTPConnection(place, timeout=120), product.questions
        self._password = product.environment["ACCOUNT_PASSWORD"]
        self._token = ""

    def log_in(self) -> None:
        self._token = ""
        body = {"username": f"user-{self.number}", "password": self._password}
        self._token = json.loads(self.ask("POST", "/api/auth/login/", body))["access"]

    def question(self, number: int) -> str:
        return self._questions[(17 * self.number + number) % len(self._questions)]

    def ask(self, method: str, path: str, body: Any = None, accept: str = "application/json") -> bytes:
        headers = {"Content-Type": "application/json", "Accept": accept, "X-Forwarded-Proto": "https"}
        headers |= {"Authorization": f"Bearer {self._token}"} if self._token else {}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self.connection.getresponse()
        said = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {said[:300]!r}")
        return said

    def chat(self, number: int, accept: str) -> None:
        said = self.ask("POST", "/api/chat/messages/", {"content": self.question(number)}, accept)
        assert b'"complete"' in said, said[-300:]  # noqa: S101


KINDS: dict[str, Ask] = {
    "alive": lambda client, number: client.ask("GET", "/api/health/"),
    "profile": lambda client, number: client.ask("GET", "/api/auth/me/"),
    "history": lambda client, number: client.ask("GET", "/api/chat/history/"),
    "search": lambda client, number: client.ask("GET", f"/api/rag/search/?q={quote_plus(client.question(number))}"),
    "chat, JSON": lambda client, number: client.chat(number, "application/json"),
    "chat, events": lambda client, number: client.chat(number, "text/event-stream"),
    "log in": lambda client, number: client.log_in(),
}


def spent(pid: int) -> float:
    """Seconds of the processor, of gunicorn's first process and of those that serve."""
    first = psutil.Process(pid)
    times = [process.cpu_times() for process in (first, *first.children())]
    total: float = sum(time.user + time.system for time in times)
    return total


def cost(pid: int, clients: list[Client], ask: Ask, requests: int) -> float:
    """Milliseconds of the process for each."""
    numbers = itertools.count()

    def several(client: Client) -> None:
        client.connection.close()  # it may have waited for longer than the server keeps one
        for _ in range(requests // len(clients)):
            ask(client, next(numbers))

    before = spent(pid)
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(several, clients))
    time.sleep(0.1)  # what comes after an answer is part of it
    return 1000 * (spent(pid) - before) / (requests // len(clients) * len(clients))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--requests", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-a-time", type=int, default=12)
    parser.add_argument("--only", default="", help="Kinds whose name holds this.")
    options = parser.parse_args()
    roots = {"here": ROOT} | ({"beside": options.beside.resolve()} if options.beside else {})
    limits = {"MESSAGES_A_MINUTE": "1000000", "LIMITS": "login=1000000/60"}
    with ExitStack() as stack:
        made = prepared(users=2 * options.at_a_time, editors=0, model_seconds=1.0, LOG_LEVEL="INFO", **limits)
        product = stack.enter_context(made)
        clients: dict[str, list[Client]] = {}
        for place, (name, root) in enumerate(roots.items()):
            log = stack.enter_context((product.home / f"{name}.log").open("w"))
            host = stack.enter_context(server(Servers(), product.environment, product, name, root, log))
            clients[name] = [
                Client(host, place * options.at_a_time + number, product) for number in range(options.at_a_time)
            ]
            for client in clients[name]:
                client.log_in()
        for kind, ask in KINDS.items():
            if options.only in kind:
                found: dict[str, list[float]] = {name: [] for name in roots}
                for turn in range(options.rounds + 1):
                    for name in roots:
                        taken = cost(product.processes[name].pid, clients[name], ask, options.requests)
                        found[name] += [taken] if turn else []
                told = "   ".join(f"{name} {statistics.median(values):6.2f}" for name, values in found.items())
                print(f"{kind:14} {told}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
