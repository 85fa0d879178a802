"""One refresh token, sent by many at once: python -m benchmarks.refreshes [--clients 50] [--rounds 10] [--processes 4]

Server processes on PostgreSQL (DATABASE_URL, an empty database) answer by our exchange and by simplejwt's own, with
rotation and its blacklist. In each round so many requests with the same token are spread over all processes and sent at
once. Then tokens are exchanged one after the other, to compare what an exchange costs; and a spent token is sent again
after eleven seconds.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import django

from benchmarks.serving import UNLIMITED, served

_OURS, _SIMPLEJWT = "/api/auth/refresh/", "/simplejwt/refresh/"
_ONE_BY_ONE = 200


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    seconds: float


async def _send(ports: list[int], path: str, token: str) -> list[Answer]:
    """One request to each of the ports, all connections open before the first is sent."""
    connections = [await asyncio.open_connection("127.0.0.1", port) for port in ports]
    body = json.dumps({"refresh": token}).encode()
    head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
    request = f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
        began = time.perf_counter()
        writer.write(request)
        said = await reader.read(-1)
        writer.close()
        answered, _, content = said.partition(b"\r\n\r\n")
        return Answer(int(answered.split()[1]), json.loads(content), time.perf_counter() - began)

    return list(await asyncio.gather(*(one(*connection) for connection in connections)))


def send(ports: list[int], path: str, token: str) -> list[Answer]:
    return asyncio.run(_send(ports, path, token))


def at_once(path: str, tokens: list[str], ports: list[int], clients: int) -> list[list[Answer]]:
    spread = [ports[number % len(ports)] for number in range(clients)]
    rounds = [send(spread, path, token) for token in tokens]
    statuses = Counter(answer.status for answers in rounds for answer in answers)
    successors = [len({answer.body["refresh"] for answer in answers if answer.status == 200}) for answers in rounds]
    times = [1000 * answer.seconds for answers in rounds for answer in answers]
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    print(  # noqa: T201
        f"{path}: {len(rounds)} rounds of {clients} at once: {told}; successors a round {min(successors)} to "
        f"{max(successors)}; p50 {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms"
    )
    return rounds


def one_by_one(path: str, token: str, ports: list[int]) -> None:
    times = []
    for number in range(_ONE_BY_ONE):
        [answer] = send([ports[number % len(ports)]], path, token)
        token = answer.body["refresh"]
        times.append(1000 * answer.seconds)
    print(f"{path}: {_ONE_BY_ONE} one after the other: p50 {statistics.median(times):.1f} ms")  # noqa: T201


def replay(tokens: list[str], rounds: list[list[Answer]], ports: list[int]) -> None:
    """A token spent long ago, and then its successor; another one's successor, which nobody sent twice."""
    from users.models import LoginSession

    successors = [answers[0].body["refresh"] for answers in rounds[:2]]
    began = time.perf_counter()
    time.sleep(11)
    statuses = [send(ports[:1], _OURS, token)[0].status for token in (tokens[0], successors[0], successors[1])]
    revoked = LoginSession.objects.filter(revoked_why="reuse").count()
    print(  # noqa: T201
        f"{time.perf_counter() - began:.0f} s later: the spent token {statuses[0]}, its successor {statuses[1]}, that "
        f"of another session {statuses[2]}; sessions revoked for it: {revoked}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=4)
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        parser.error("DATABASE_URL must name an empty PostgreSQL database.")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "benchmarks.simplejwt.settings",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "LIMITS": UNLIMITED,
            "SERVER_CONNECTIONS": "8",
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        ours, theirs = _tokens(options.rounds)
        ports = [servers.enter_context(served()).port for _ in range(options.processes)]
        for port in ports:  # warm now
            send([port] * 8, _OURS, "x")
            send([port] * 8, _SIMPLEJWT, "x")
        print(f"{options.processes} processes, {os.cpu_count()} cores")  # noqa: T201
        at_once(_SIMPLEJWT, theirs[1:], ports, options.clients)
        rounds = at_once(_OURS, ours[1:], ports, options.clients)
        one_by_one(_SIMPLEJWT, theirs[0], ports)
        one_by_one(_OURS, ours[0], ports)
        _family(options.rounds)
        replay(ours[1:], rounds, ports)


def _tokens(rounds: int) -> tuple[list[str], list[str]]:
    """Fresh refresh tokens, ours and simplejwt's: one for each round, and one more."""
    from django.core.management import call_command
    from rest_framework_simplejwt.tokens import RefreshToken

    from users.login_sessions import tokens_issue
    from users.models import LoginSession, Role
    from users.services import account_create

    call_command("migrate", "users", verbosity=0)  # which takes simplejwt's tables away
    call_command("migrate", verbosity=0)
    LoginSession.objects.all().delete()
    name = f"asker-{os.getpid()}"
    user = account_create(username=name, email=f"{name}@example.org", password=name[::-1] * 3, role=Role.USER)
    count = range(rounds + 1)
    return [tokens_issue(user=user).refresh for _ in count], [str(RefreshToken.for_user(user)) for _ in count]


def _family(rounds: int) -> None:
    from users.models import LoginSession

    members = LoginSession.objects.filter(number__lte=2).values_list("number", flat=True)
    print(f"tokens in each of {len(members)} families, the log-in's included: {sorted(set(members))}")  # noqa: T201
    assert len(members) == rounds  # noqa: S101 - all but the one that was exchanged one by one


if __name__ == "__main__":
    main()
