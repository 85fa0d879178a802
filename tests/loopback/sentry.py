"""A stand-in for Sentry: takes envelopes, as any service that speaks its protocol does."""

import gzip
import json
from typing import Any

from tests.loopback.server import Failure, LoopbackServer, Reply, Request

PROJECT = "7"


class LoopbackSentry(LoopbackServer):
    """``POST /api/7/envelope/``. What was sent is in ``events``."""

    def __init__(self, port: int = 0, key: str = "loopback-key") -> None:
        super().__init__(port, key)
        self.events: list[dict[str, Any]] = []
        self.bodies: list[str] = []

    @property
    def dsn(self) -> str:
        return f"{self.url.replace('://', f'://{self.key}@')}/{PROJECT}"

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        if f"sentry_key={self.key}" not in request.headers.get("x-sentry-auth", ""):
            return self.error_reply(403, "Unknown key.")
        if (request.method, request.path) != ("POST", f"/api/{PROJECT}/envelope/"):
            return self.error_reply(404, "No such path.")
        body = gzip.decompress(request.raw) if request.headers.get("content-encoding") == "gzip" else request.raw
        self.bodies.append(body.decode())
        lines = body.splitlines()[1:]
        for head, item in zip(lines[::2], lines[1::2], strict=False):
            if json.loads(head)["type"] == "event":
                self.events.append(json.loads(item))
        return Reply({})
