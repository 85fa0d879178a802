"""Servers that are killed: a process that has the product loaded forks one for each order, which saves its start."""

import asyncio
import os
import signal
import socket
import sys

from tests.killing import Forking, settle


class Servers(Forking):
    """Forks a server for each order to start one."""

    def __init__(self) -> None:
        super().__init__("tests.chat.killed")

    def start(self) -> int:
        """Start one. Returns its port."""
        return int(self.told("start"))

    def kill(self) -> None:
        """Kill the one that runs, as a machine that loses its power does."""
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

    config = uvicorn.Config(Handler(), log_level="critical", log_config=None, loop="asyncio")
    asyncio.run(uvicorn.Server(config).serve([listening]))
    os._exit(0)


def _load() -> None:
    settle()

    # All of it here, so that no server has to.
    import uvicorn.protocols.http.auto  # noqa: F401

    from config.handler import Handler  # noqa: F401
    from rag.embedders import local  # noqa: F401
    from rag.stores import faiss  # noqa: F401


if __name__ == "__main__":
    _load()
    _serve_orders()
