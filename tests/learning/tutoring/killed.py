"""Servers, each with its worker, that are killed: a process that has the product loaded forks one for each order."""

import asyncio
import os
import signal
import socket
import sys
import threading

from tests.killing import Forking, settle

_PAUSE = 0.05


class Machines(Forking):
    """One process is server and worker."""

    def __init__(self, **more: object) -> None:
        super().__init__("tests.learning.tutoring.killed", **more)

    def start(self) -> int:
        """Returns the port of the server."""
        return int(self.told("start"))

    def kill(self) -> None:
        """As a machine that loses its power."""
        assert self.told("kill") == str(-signal.SIGKILL)


def _serve_orders() -> None:
    child = 0
    for line in sys.stdin:
        if line == "start\n":
            listening = socket.create_server(("127.0.0.1", 0))
            child = os.fork()
            if not child:
                _run(listening)
            print(listening.getsockname()[1], flush=True)  # noqa: T201
            listening.close()
        else:
            os.kill(child, signal.SIGKILL)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _run(listening: socket.socket) -> None:
    import uvicorn

    from config.handler import Handler

    threading.Thread(target=_work, daemon=True).start()
    config = uvicorn.Config(Handler(), log_level="critical", log_config=None, loop="asyncio")
    asyncio.run(uvicorn.Server(config).serve([listening]))
    os._exit(0)


def _work() -> None:
    """What a worker does for tutoring whenever it finds nothing else to do."""
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

    rules_for(0)


if __name__ == "__main__":
    _load()
    _serve_orders()
