"""Servers that are killed: a process that has the product loaded forks one for each order, which saves its start."""

import asyncio
import os
import signal
import socket
import sys
import threading
from typing import Any

from tests.killing import Forking, settle

_ORDERS = {False: "start", True: "start with a worker"}
_PAUSE = 0.05


class Servers(Forking):
    def __init__(self, *, worker: bool = False, **more: Any) -> None:
        """With a worker, the process of a server does what idle workers do as well."""
        super().__init__("tests.killed_servers", **more)
        self._order = _ORDERS[worker]

    def start(self) -> int:
        """Start one. Returns its port."""
        return int(self.told(self._order))

    def kill(self) -> None:
        """Kill the one that runs, as a machine that loses its power does."""
        assert self.told("kill") == str(-signal.SIGKILL)


def _serve_orders() -> None:
    child = 0
    for line in sys.stdin:
        order = line.strip()
        if order in _ORDERS.values():
            listening = socket.create_server(("127.0.0.1", 0))
            child = os.fork()
            if not child:
                _run(listening, worker=order == _ORDERS[True])
            print(listening.getsockname()[1], flush=True)  # noqa: T201
            listening.close()
        else:
            os.kill(child, signal.SIGKILL)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _run(listening: socket.socket, *, worker: bool) -> None:
    import uvicorn

    from config.handler import Handler

    if worker:
        threading.Thread(target=_work, daemon=True).start()
    config = uvicorn.Config(Handler(), log_level="critical", log_config=None, loop="asyncio")
    asyncio.run(uvicorn.Server(config).serve([listening]))
    os._exit(0)


def _work() -> None:
    from rag.signals import worker_idle

    while True:
        worker_idle.send(sender=None)
        threading.Event().wait(_PAUSE)


def _load() -> None:
    settle()

    # All of it here, so that no server has to.
    import uvicorn.protocols.http.auto  # noqa: F401

    from config import urls  # noqa: F401
    from config.handler import Handler  # noqa: F401
    from documents.screening.matching import rules_for
    from learning.tutoring.curriculum import remote  # noqa: F401
    from rag.embedders import local  # noqa: F401
    from rag.stores import faiss  # noqa: F401

    rules_for(0)  # compiles them all


if __name__ == "__main__":
    _load()
    _serve_orders()
