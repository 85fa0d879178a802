"""Pinecone's REST protocol (2026-07) on 127.0.0.1: control plane and data plane at one address, strict as serverless.

By hand: ``python -m tests.loopback.pinecone --port 9102``, then ``PINECONE_API_KEY=loopback-key`` and
``PINECONE_CONTROLLER_URL=http://127.0.0.1:9102`` for ``manage.py create_index`` and the product. ``PINECONE_HOST`` with
the same address skips the look-up of the index. ``POST /_control {"lag": 2}`` makes writes visible two seconds later,
``{"settle": true}`` at once.
"""

import math
import threading
from typing import Any
from urllib.parse import unquote

from tests.loopback.pinecone_index import Index, Refused
from tests.loopback.server import Failure, LoopbackServer, Reply, Request


class LoopbackPinecone(LoopbackServer):
    """A stand-in for api.pinecone.io and an index's own host: strict limits, a lag on demand, failures on demand.

    ``wrong_count`` stores all but the last vector of an upsert, and says so in the count.
    """

    def __init__(self, port: int = 0, key: str = "loopback-key") -> None:
        super().__init__(port, key)
        self.lag = 0.0
        """Seconds until a write is seen; infinity: until ``settle``."""
        self.asks_until_ready = 0
        """How often a new index answers that it is not ready yet."""
        self._indexes: dict[str, Index] = {}
        self._lock = threading.Lock()

    def add_index(self, name: str, dimension: int, metric: str = "cosine") -> None:
        deployment = {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"}
        self._indexes[name] = Index(name, dimension, metric, deployment, self.asks_until_ready)

    def settle(self) -> None:
        """Every write so far is seen from now on."""
        with self._lock:
            for index in self._indexes.values():
                index.catch_up(math.inf)

    def reset(self) -> None:
        super().reset()
        self.lag, self.asks_until_ready = 0.0, 0
        self._indexes.clear()

    def error_reply(self, status: int, detail: str) -> Reply:
        return Reply({"code": status, "message": detail, "details": []}, status)

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        key = request.headers.get("api-key")
        if key != self.key:
            return Reply(
                {"error": {"code": "UNAUTHENTICATED", "message": f"Invalid API Key {key}"}, "status": 401}, 401
            )
        try:
            with self._lock:
                if request.path.startswith("/indexes"):
                    return self._control_plane(request)
                return Reply(self._data_plane(request, failure))
        except Refused as refused:
            return self.error_reply(refused.status, refused.message)

    def control(self, request: Request) -> Reply:
        """Also takes ``{"lag": seconds}`` and ``{"settle": true}``."""
        switches = request.json if isinstance(request.json, dict) else {}
        if "lag" in switches:
            self.lag = float(switches["lag"])
        elif "settle" in switches:
            self.settle()
        else:
            return super().control(request)
        return Reply({"lag": self.lag})

    # Control plane

    def _control_plane(self, request: Request) -> Reply:
        name = unquote(request.path.removeprefix("/indexes").strip("/"))
        match request.method, name:
            case "GET", "":
                return Reply({"indexes": [self._described(index) for index in self._indexes.values()]})
            case "POST", "":
                return self._create(request.json)
        index = self._indexes.get(name)
        if index is None:
            error = {"code": "NOT_FOUND", "message": f"Resource {name} not found"}
            return Reply({"error": error, "status": 404}, 404)
        if request.method == "DELETE":
            del self._indexes[name]
            return Reply({}, 202)
        reply = Reply(self._described(index))
        index.asks_until_ready -= 1
        return reply

    def _create(self, body: dict[str, Any]) -> Reply:
        if body["name"] in self._indexes:
            return Reply(
                {"error": {"code": "ALREADY_EXISTS", "message": "Resource already exists"}, "status": 409}, 409
            )
        dense = body["schema"]["fields"]["_values"]
        self.add_index(body["name"], dense["dimension"], dense["metric"])
        index = self._indexes[body["name"]]
        index.deployment = body["deployment"]
        return Reply(self._described(index), 201)

    def _described(self, index: Index) -> dict[str, Any]:
        ready = index.asks_until_ready <= 0
        dense = {"type": "dense_vector", "dimension": index.dimension, "metric": index.metric}
        return {
            "name": index.name,
            "host": self.url,
            "schema": {"fields": {"_values": dense}},
            "deployment": index.deployment,
            "read_capacity": {"mode": "OnDemand", "status": {"state": "Ready"}},
            "deletion_protection": "disabled",
            "tags": None,
            "status": {"ready": ready, "state": "Ready" if ready else "Initializing"},
        }

    # Data plane: one address serves the index that was made last.

    def _data_plane(self, request: Request, failure: Failure | None) -> Any:
        index = next(reversed(self._indexes.values()), None)
        if index is None:
            raise Refused(404, "Index not found")
        body = request.json or {}
        namespace = body.get("namespace") or request.query.get("namespace") or ""
        match request.method, request.path:
            case "POST", "/vectors/upsert":
                size = int(request.headers.get("content-length", 0))
                lose_one = failure is not None and failure.kind == "wrong_count"
                return index.upsert(namespace, body["vectors"], size, self.lag, lose_one=lose_one)
            case "POST", "/vectors/delete":
                return index.delete(namespace, body, self.lag)
            case "POST", "/query":
                return index.query(namespace, body)
            case "GET", "/vectors/list":
                return index.list_ids(namespace, request.query)
            case "GET", "/vectors/fetch":
                return index.fetch(namespace, [value for name, value in request.parameters if name == "ids"])
            case "POST", "/describe_index_stats":
                return index.stats()
            case method, path if path.startswith("/namespaces"):
                return self._namespaces(index, method, unquote(path.removeprefix("/namespaces").strip("/")))
        raise Refused(404, "Not found")

    def _namespaces(self, index: Index, method: str, name: str) -> Any:
        if method == "DELETE":
            return index.delete(name, {"deleteAll": True}, self.lag)
        return index.namespace(name) if name else index.namespaces()


if __name__ == "__main__":
    LoopbackPinecone.run()
