"""Completions while the curriculum's service is away: python -m benchmarks.curriculum [--minutes 10] [--learners 30]

A server and a worker on a scratch database (SQLite in a folder that is thrown away; DATABASE_URL for another, empty
one), and a service on this machine. All learners start their topic; then the service is stopped. They complete it one
after the other, over HTTP, spread over the time that the service is away; at a third and at two thirds of it server and
worker are killed by SIGKILL and started anew. Then the service comes back. Told is what arrived, and when.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import django

from benchmarks.serving import ROOT, UNLIMITED, Serving, served
from tests.loopback.curriculum import LoopbackCurriculum

_PATIENCE = 300.0


class Machine:
    """A server and a worker, which can be killed together."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._stack = ExitStack()
        self._serving: Serving | None = None
        self._worker: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._serving = self._stack.enter_context(served(**self._environment))
        self._worker = self._stack.enter_context(_worker(self._environment))

    def kill(self) -> None:
        assert self._serving  # noqa: S101
        assert self._worker  # noqa: S101
        self._serving.process.kill()
        self._worker.kill()
        self._stack.close()

    def post(self, path: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        assert self._serving  # noqa: S101
        connection = http.client.HTTPConnection("127.0.0.1", self._serving.port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {told}")
        return told


@contextmanager
def _worker(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "manage.py", "run_worker"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:  # noqa: S603 - ourselves
        try:
            yield process
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--learners", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder), arguments.minutes * 60, arguments.learners)


def _run(folder: Path, seconds: float, learners: int) -> None:
    service = LoopbackCurriculum()
    port = int(service.url.rpartition(":")[2])
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATA_DIR": str(folder),
        "LIMITS": UNLIMITED,
        "CURRICULUM_URL": service.url,
        "CURRICULUM_API_KEY": service.key,
        "LOG_LEVEL": "ERROR",
    }
    os.environ.update(environment)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, check=True)
    django.setup()
    accounts = _accounts(learners)
    machine = Machine(environment)
    service.__enter__()
    machine.start()
    sessions = {
        name: machine.post("/api/sessions/start", token, {"user_id": key, "topic_id": "T-1", "course_id": "C-1"})["id"]
        for name, (key, token) in accounts.items()
    }
    service.stop()
    began = time.monotonic()
    print(f"{learners} learners have started; the service is away for {seconds:.0f} s", flush=True)  # noqa: T201
    killed, kills = 0, [began + seconds / 3, began + 2 * seconds / 3]
    for place, (name, (_, token)) in enumerate(accounts.items()):
        time.sleep(max(0.0, began + seconds * 0.95 * place / learners - time.monotonic()))
        if killed < len(kills) and time.monotonic() >= kills[killed]:
            machine.kill()
            machine.start()
            killed += 1
            print(f"killed and started anew after {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
        _complete(machine, sessions[name], token)
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    back = LoopbackCurriculum(port)
    with back:
        returned = time.monotonic()
        last = _await(back, learners, returned)
        _tell(back, learners, killed, last)
    machine.kill()


def _accounts(learners: int) -> dict[str, tuple[int, str]]:
    """Id and access token by name."""
    from datetime import timedelta

    from users.login_sessions import tokens_issue
    from users.models import User
    from users.tokens import AccessToken

    made = {}
    for number in range(learners):
        user = User.objects.create_user(f"learner{number}", is_verified=True)
        token = AccessToken(tokens_issue(user=user).access)  # type: ignore[arg-type]  # the stub wants a Token
        token.set_exp(lifetime=timedelta(hours=2))
        made[user.username] = (user.pk, str(token))
    return made


def _complete(machine: Machine, session: str, token: str) -> None:
    from learning.models import TutoringQuestion

    message = "Hello"
    while not machine.post(f"/api/sessions/{session}/message", token, {"message": message})["topic_completed"]:
        message = " and ".join(TutoringQuestion.objects.get(session_id=UUID(session), state="open").points)


def _await(service: LoopbackCurriculum, learners: int, since: float) -> float:
    """Seconds until all have arrived and no more come."""
    last = since
    seen = 0
    while time.monotonic() < since + _PATIENCE:
        if sum(service.arrivals.values()) > seen:
            seen, last = sum(service.arrivals.values()), time.monotonic()
        if len(service.completions) >= learners and time.monotonic() > last + 70:  # longer than any pause
            break
        time.sleep(0.1)
    return last - since


def _tell(service: LoopbackCurriculum, learners: int, killed: int, last: float) -> None:
    from learning.models import CurriculumDelivery

    per_learner = Counter(told["userId"] for told in service.completions.values())
    rows = CurriculumDelivery.objects.order_by("-attempts")
    with suppress(AttributeError):
        print(f"tries of one completion: at most {rows.first().attempts}")  # type: ignore[union-attr]  # noqa: T201
    print(  # noqa: T201
        f"{len(per_learner)} of {learners} completions arrived, {sum(count > 1 for count in per_learner.values())} of "
        f"them counted twice; {sum(service.arrivals.values())} requests; {killed} kills; "
        f"rows left {rows.filter(delivered_at=None).count()}; the last arrived {last:.1f} s after the service was back"
    )


if __name__ == "__main__":
    main()
