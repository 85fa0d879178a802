"""The product itself, as production runs it, with all that it does: accounts, limits, checked citations, saving."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load.product import Servers, prepared
from benchmarks.load.product import serving as product_serving
from benchmarks.peers_http.peer import Peer, call


@contextmanager
def serving(model: str, home: Path, processes: int) -> Iterator[Peer]:
    settings = {"MISTRAL_SERVER_URL": model, "MESSAGES_A_MINUTE": "1000000"}
    servers = Servers("gunicorn", processes)
    with prepared(users=1, editors=0, model_seconds=1, **settings) as product, product_serving(product, servers):
        port = int(product.host.rpartition(":")[2])
        account = {"username": "user-0", "password": product.environment["ACCOUNT_PASSWORD"]}
        status, said = call(port, "POST", "/api/auth/login/", account, X_Forwarded_Proto="https")
        if status != 200:
            raise RuntimeError(f"{status}: {said}")

        def body(question: str, stream: bool) -> Mapping[str, Any]:
            return {"content": question}

        yield Peer(
            "Grounded",
            f"{processes} gunicorn process(es), PostgreSQL, Redis, hybrid search, conversations saved, no kept answers",
            product.processes["server"],
            f"http://{product.host}",
            "/api/chat/messages/",
            f"Authorization: Bearer {said['access']}\r\nX-Forwarded-Proto: https\r\n",
            body,
            mark=b"event: delta",
            end=b"event: done",
            whole=b'"complete"',
            accept="text/event-stream",
            sources=b"event: sources",
        )
