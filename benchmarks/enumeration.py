"""Whether the time of an answer tells who has an account: python -m benchmarks.enumeration [--tries 200]

A server process with the real hasher and a worker that writes the mails to files, on the database that DATABASE_URL
names (an empty one), else on SQLite in a folder that is thrown away. Each request is made for an account that there is
and for one that there is not, in an order drawn by lot, each account once.

AUC is the share of pairs in which the known account took longer (Mann-Whitney's U over the number of pairs): 0.5 where
nothing can be told. By chance alone, 200 tries each leave it within 0.5 ± 0.095 in 999 of 1000 cases; beyond 0.1 the
command fails. "seen from" is the difference that would have reached that.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import django

from benchmarks.serving import ROOT, UNLIMITED, served

BOUND = 0.1
_WORKER = ("manage.py", "run_worker")
_PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts that are thrown away
Body = Callable[[str], dict[str, str]]
REQUESTS: dict[str, tuple[str, str, Body]] = {
    "log-in by name": ("login/", "known", lambda who: {"username": who, "password": "a wrong password"}),
    "log-in by address": ("login/", "known", lambda who: {"email": f"{who}@example.org", "password": "a wrong one"}),
    "reset": ("password/reset/", "known", lambda who: {"email": f"{who}@example.org"}),
    "resend": ("verify-email/resend/", "waiting", lambda who: {"email": f"{who}@example.org"}),
    "register": (
        "register/",
        "known",
        lambda who: {"username": f"new-{who}", "email": f"{who}@example.org", "password": _PASSWORD},
    ),
}
"""Path, which accounts are the known ones, and what is sent."""


def auc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """The share of pairs in which the first is larger; of equal ones half."""
    larger = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    return larger / (len(known) * len(unknown))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tries", type=int, default=200)
    tries = parser.parse_args().tries
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "LIMITS": UNLIMITED,
            "REQUIRE_VERIFIED_EMAIL": "True",
            "TRUSTED_PROXIES": "127.0.0.1",  # so that each try comes from another client, whom no limit concerns
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        _accounts(tries)
        with _served() as port:
            found = [_measured(name, port, tries) for name in REQUESTS]
    return 1 if max(abs(each - 0.5) for each in found) > BOUND else 0


def _accounts(count: int) -> None:
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    from users.models import User

    call_command("migrate", verbosity=0)
    password = make_password(_PASSWORD)
    people = range(count)
    User.objects.bulk_create(
        User(username=f"known{n}", email=f"known{n}@example.org", is_verified=True, password=password) for n in people
    )
    User.objects.bulk_create(
        User(username=f"waiting{n}", new_email=f"waiting{n}@example.org", password=password) for n in people
    )


@contextmanager
def _served() -> Iterator[int]:
    with served() as server, subprocess.Popen([sys.executable, *_WORKER], cwd=ROOT) as worker:  # noqa: S603 - ourselves
        try:
            yield server.port
        finally:
            worker.terminate()


def _measured(name: str, port: int, tries: int) -> float:
    path, there, body = REQUESTS[name]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    order = [(kind, number) for number in range(tries) for kind in (there, "nobody")]
    lot = random.Random(name)  # noqa: S311 - nothing is kept secret by it
    lot.shuffle(order)
    milliseconds: dict[str, list[float]] = {there: [], "nobody": []}
    answers: dict[str, set[int]] = {there: set(), "nobody": set()}
    for client in range(20):
        _ask(connection, path, body(f"nobody{client}-before"), client)
    for client, (kind, number) in enumerate(order):
        status, taken = _ask(connection, path, body(f"{kind}{number}"), client)
        answers[kind].add(status)
        milliseconds[kind].append(taken)
    connection.close()
    if answers[there] != answers["nobody"] or len(answers[there]) != 1:
        raise SystemExit(f"{name}: answered {answers}")
    known, unknown = milliseconds[there], milliseconds["nobody"]
    found = auc(known, unknown)
    shifts = [step / 20 for step in range(1000)]
    seen = shifts[bisect_right(shifts, 0.5 + BOUND, key=lambda shift: auc([t + shift for t in known], unknown))]
    print(  # noqa: T201
        f"{name:18} {answers[there].pop()}  median {statistics.median(known):5.1f} ms known, "
        f"{statistics.median(unknown):5.1f} ms unknown  AUC {found:.3f}  seen from {seen:.2f} ms",
        flush=True,
    )
    return found


def _ask(connection: http.client.HTTPConnection, path: str, body: dict[str, str], client: int) -> tuple[int, float]:
    """Status, and milliseconds until the answer was there."""
    headers = {"Content-Type": "application/json", "X-Forwarded-For": f"10.0.{client // 256}.{client % 256}"}
    sent = json.dumps(body)
    began = time.perf_counter()
    connection.request("POST", f"/api/auth/{path}", sent, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
