"""How many of many log-ins at once reach the password: python -m benchmarks.logins [--logins 200] [--processes 4]

So many wrong passwords at once, over several server processes on PostgreSQL (DATABASE_URL, an empty database) and Redis
(REDIS_URL), at a limit of 5 a minute; each round is for another account. Beside it the same views with REST framework's
own throttle, in other server processes on the same services. What answers 401 has had its password checked; what
answers 429 has not.

Then how long an answer takes while Redis is away: killed, and at a port that takes connections and is silent.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.serving import served

_LIMIT = 5
Sending = Callable[[int], tuple[str, dict[str, str]]]
"""Of the number of a try: the account, and headers."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--logins", type=int, default=200)
    parser.add_argument("--processes", type=int, default=4)
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres") or not os.environ.get("REDIS_URL"):
        parser.error("DATABASE_URL must name an empty PostgreSQL database, and REDIS_URL a Redis.")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "LIMITS": f"login={_LIMIT}/60,register=1000000/60",
            "SERVER_CONNECTIONS": "8",
            "LOG_LEVEL": "ERROR",
        }
        _accounts()
        rounds: dict[str, Sending] = {
            "one account": lambda number: ("ada-1", {}),
            "one account, X-Forwarded-For rotating": lambda number: ("ada-2", _forwarded(number)),
            "any account, X-Forwarded-For rotating": lambda number: (f"nobody-{number}", _forwarded(number)),
        }
        for name, entry in (("sliding window", "config.asgi"), ("REST framework's throttle", "benchmarks.throttled")):
            with ExitStack() as stack:
                ports = [stack.enter_context(served(f"{entry}:application")).port for _ in range(options.processes)]
                _warm(ports)
                for what, sending in rounds.items():
                    time.sleep(61)  # the address has its tries again
                    _told(f"{name}: {what}", _at_once(ports, sending, options.logins))
        _while_away()


def _forwarded(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250 + 1}"}


def _accounts() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from users.models import Role
    from users.services import account_create

    call_command("migrate", verbosity=0)
    for number in (1, 2):
        account_create(
            username=f"ada-{number}", email=f"ada-{number}@example.org", password=os.urandom(12).hex(), role=Role.USER
        )


def _at_once(ports: list[int], sending: Sending, count: int) -> list[tuple[int, float]]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda number: _post(ports[number % len(ports)], *sending(number)), range(count)))


def _warm(ports: list[int]) -> None:
    """What is loaded late is loaded then, and connections are there. These are no log-ins."""
    with ThreadPoolExecutor(20) as threads:
        for place in range(len(ports) * 20):
            threads.submit(_post, ports[place % len(ports)], "not a name", {}, "register")


def _post(port: int, account: str, headers: dict[str, str], path: str = "login") -> tuple[int, float]:
    """Status and seconds of a try."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    body = json.dumps({"username": account, "email": account, "password": "a wrong password"})
    connection.request("POST", f"/api/auth/{path}/", body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, time.perf_counter() - began


def _told(what: str, tries: list[tuple[int, float]]) -> None:
    statuses = Counter(status for status, _ in tries)
    others = {status: count for status, count in statuses.items() if status not in (401, 429)}
    print(  # noqa: T201
        f"{what}: {statuses[401]} of {len(tries)} reached the password, {statuses[429]} were refused"
        + (f", others {others}" if others else ""),
        flush=True,
    )


def _while_away() -> None:
    """One server on a Redis of its own, which is then killed; and on ports that do not answer."""
    program = shutil.which("redis-server")
    if program is None:
        print("There is no redis-server, so none is stopped.")  # noqa: T201
        return
    port = _free_port()
    command = [program, "--port", str(port), "--save", ""]
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL) as redis,  # noqa: S603
        served(REDIS_URL=f"redis://127.0.0.1:{port}/0") as server,
    ):
        _post(server.port, "warming", {})
        redis.kill()
        redis.wait()
        _decided("Redis is killed", server.port)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with served(REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0") as server:
            _decided("Redis takes connections and is silent", server.port)


def _decided(what: str, port: int) -> None:
    """Of log-ins a second and a little apart, each of which asks Redis anew; and of those right after them."""
    asked, at_once = [], []
    _post(port, "warming", {})
    for _ in range(8):
        time.sleep(1.1)
        asked.append(_post(port, "ada-1", {}))
        at_once.append(_post(port, "ada-1", {}))
    statuses = sorted({status for status, _ in asked + at_once})
    print(  # noqa: T201
        f"{what}: answered with {statuses} in at most {1000 * max(took for _, took in asked):.0f} ms, "
        f"right after that in {1000 * max(took for _, took in at_once):.0f} ms",
        flush=True,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
