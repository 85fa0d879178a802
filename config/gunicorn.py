"""How gunicorn serves: ``gunicorn -c config/gunicorn.py config.asgi:application``.

What differs between machines is told by gunicorn's own variables: ``WEB_CONCURRENCY`` (processes), ``PORT`` (where
``--bind`` is not given) and ``GUNICORN_CMD_ARGS`` (anything else).

The first process imports this file and gunicorn, and nothing of the product: each worker loads the product itself. So
nothing is forked that has threads, an index or a connection, and USR2 starts a release that knows nothing of the last.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from typing import Any

from gunicorn import systemd
from gunicorn.workers.gasgi import ASGIWorker

_SAVING = 5
"""Seconds of a worker's time to end that are for saving the answers that it could not finish."""


_M_ARENA_MAX = -8

# glibc gives threads up to eight heaps for each processor, none of which gives back what a busy hour has left in it.
with contextlib.suppress(OSError, AttributeError):  # another C library
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


class Worker(ASGIWorker):  # type: ignore[misc] # it has no types
    """Told to end, it takes no more connections, lets requests and streams end, and then saves what is left."""

    def init_process(self) -> None:
        # Otherwise it would wait for streams for as long as it may live, and be killed before it has saved them.
        self.cfg.set("graceful_timeout", max(self.cfg.graceful_timeout - _SAVING, 1))
        # What is imported later comes from this release too, though the link that led here leads to the next by then.
        sys.path[:] = map(os.path.realpath, sys.path)
        super().init_process()

    async def _shutdown(self) -> None:
        beating = asyncio.create_task(self._beat())
        await super()._shutdown()
        beating.cancel()

    async def _beat(self) -> None:
        """Without it, who takes longer to end than ``timeout`` counts as hanging."""
        while True:
            self.notify()
            await asyncio.sleep(1)


worker_class = Worker
graceful_timeout = 45
"""Seconds from SIGTERM to SIGKILL: the longest answer (PROVIDER_TIMEOUT), and what comes before and after it."""
timeout = 60
"""Seconds without a sign of life after which a worker counts as hanging. Loading the product is within it."""
keepalive = 20
"""Seconds that a connection is kept, longer than by the proxy: who sends on one must not find it closed."""
limit_request_line = 8190  # the address of a search is long; nginx takes no longer ones
worker_connections = 2000
backlog = 2048
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - a sign of life must not wait for a disk
control_socket_disable = True
loglevel = "warning"

_previous = 0
"""The first process of the release before this one, where USR2 has started this one beside it."""


def pre_exec(server: Any) -> None:
    """Gunicorn looks for sockets that systemd opened where they were handed in, and has moved them since."""
    if server.systemd:
        for place, listener in enumerate(server.LISTENERS, systemd.SD_LISTEN_FDS_START):
            os.dup2(listener.fileno(), place)


def pre_fork(server: Any, worker: Any) -> None:
    global _previous
    _previous = server.master_pid  # 0 again once that one has ended


def post_worker_init(worker: Any) -> None:
    """The last of the first workers has loaded the product, or one that came for it: who served before may end."""
    if _previous and worker.age >= worker.cfg.workers:
        systemd.sd_notify(f"MAINPID={os.getppid()}", worker.log)
        with contextlib.suppress(ProcessLookupError):
            os.kill(_previous, signal.SIGTERM)
