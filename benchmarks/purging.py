"""What users notice of a night's purge: python -m benchmarks.purging [--messages 2000000] [--users 20]

A database of so many messages, half of them older than 30 days, with citations and traces: PostgreSQL (DATABASE_URL, an
empty database), or SQLite if that is not set. One server process, and users who each ask every two seconds, over
HTTP; the answers are extractive, and none is kept. At first the purge takes turns with nothing of 15 seconds each, so
that both are timed on the same machine with the same load; then it goes on to the end. The same for whole
conversations deleted by ``QuerySet.delete()``, 500 at a time without a pause, as retention did before: they are an
admin's, whom the purge leaves alone.

What is younger is compared with a checksum from before. Both processes that delete are watched for the memory that
they hold.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import psutil

from benchmarks.conversations import (
    KEPT,
    Accounts,
    accounts_make,
    conversations_check,
    conversations_make,
    say,
    young_sum,
)
from benchmarks.serving import ROOT, UNLIMITED, Serving, served

_PACE = 2.0
_TURN = 15.0
_TOKEN = 600.0
"""Seconds for which one is used, of the 900 that it is good for."""
_QUESTIONS = (
    "How do I index a PDF?",
    "How do I change the threshold?",
    "What is a collection?",
    "How do I make an account?",
    "How long do access tokens live?",
    "How do I roll back a version?",
    "What is a golden question?",
    "How do I check the indexes?",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--turns", type=float, default=600, metavar="SECONDS", help="For which it is done in turns.")
    parser.add_argument("--most", type=float, default=3600, metavar="SECONDS", help="That each of them may take.")
    parser.add_argument("--how", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.how:
        _delete(options.how, options.turns, options.most)
        return
    with tempfile.TemporaryDirectory(prefix="purging-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": os.environ.get("DATA_DIR", folder),
            "MODEL_DIR": os.environ.get("MODEL_DIR", str(ROOT / "var" / "models")),
            "OMP_NUM_THREADS": "1",
            "LIMITS": UNLIMITED,
            "MESSAGES_A_MINUTE": "1000000",
            "TOKENS_A_DAY_USER": "0",
            "ANSWER_CACHE_SECONDS": "0",
            "CONVERSATIONS_KEPT_DAYS": str(KEPT),
            "CONVERSATIONS_KEPT_DAYS_BY_ROLE": "admin=0",
            "TRACES_KEPT_DAYS": "0",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        accounts = accounts_make(options.users)
        conversations_make(options.messages, accounts)
        before = young_sum(accounts)
        with served() as serving:
            _measure(options, serving, accounts)
        after = young_sum(accounts)
        same = "the same" if before == after else "NOT the same"
        say(f"younger messages with their citations: {before[0]} rows before, {after[0]} after, {same}")
        conversations_check()


# --- Who asks


@dataclass(frozen=True, slots=True)
class Asked:
    complete: bool
    at: float
    """When it was asked, in seconds since 1970."""
    seconds: float


class Users:
    def __init__(self, accounts: Sequence[Any], address: str) -> None:
        self._accounts = accounts
        self._place = urlsplit(address)
        self.asked: list[Asked] = []

    async def ask(self, *, until: Callable[[], bool]) -> list[Asked]:
        """All of them, each with a pause after each answer. Returns what they have seen."""
        self.asked = []
        await asyncio.gather(*(self._user(number, user, until) for number, user in enumerate(self._accounts)))
        return self.asked

    async def _user(self, number: int, user: Any, until: Callable[[], bool]) -> None:
        from asgiref.sync import sync_to_async

        from users.login_sessions import tokens_issue

        await asyncio.sleep(number * _PACE / len(self._accounts))  # nobody clicks at the same time as all others
        session, token, issued, count = "", "", 0.0, number
        while not until():
            if time.time() - issued > _TOKEN:
                token, issued = (await sync_to_async(tokens_issue)(user=user)).access, time.time()
            count += 1
            session = session if count % 10 else ""
            body = {"content": _QUESTIONS[count % len(_QUESTIONS)]} | ({"session_id": session} if session else {})
            at, began = time.time(), time.perf_counter()
            answer = await self._post(token, body)
            complete = answer.get("bot_message", {}).get("status") == "complete"
            self.asked.append(Asked(complete, at, time.perf_counter() - began))
            if complete:
                session = answer["bot_message"]["session_id"]
            await asyncio.sleep(_PACE)

    async def _post(self, token: str, body: dict[str, Any]) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection(self._place.hostname, self._place.port)
        text = json.dumps(body).encode()
        head = (
            "POST /api/chat/messages/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        )
        writer.write(head.encode() + text)
        got = await reader.read()
        writer.close()
        try:
            return dict(json.loads(got.partition(b"\r\n\r\n")[2]))
        except ValueError:
            return {}


# --- What is measured


class Deleting:
    """A process that deletes, and the memory that it holds."""

    def __init__(self, how: str, turns: float, most: float) -> None:
        command = [sys.executable, "-m", "benchmarks.purging", "--how", how]
        command += ["--turns", str(turns), "--most", str(most)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self.memory: list[int] = []

    def ended(self) -> bool:
        return self._process.poll() is not None

    async def watch(self) -> None:
        while not self.ended():
            try:
                self.memory.append(psutil.Process(self._process.pid).memory_info().rss)
            except psutil.Error:
                return
            await asyncio.sleep(0.5)

    def turns(self) -> list[tuple[float, float]]:
        """When it was at it."""
        assert self._process.stdout  # noqa: S101
        assert not self._process.wait()  # noqa: S101
        told = (line.split() for line in self._process.stdout)
        return [(float(words[1]), float(words[2])) for words in told if words[:1] == ["turn"]]


def _measure(options: argparse.Namespace, serving: Serving, accounts: Accounts) -> None:
    users = Users(accounts.asking, serving.address)
    asyncio.run(users.ask(until=lambda: len(users.asked) >= 5 * len(accounts.asking)))  # warm now
    for how, name in (("purge", "purged"), ("plainly", "deleted as before")):
        there = _count()
        deleting = Deleting(how, options.turns, options.most)
        asked, turns = asyncio.run(_beside(users, deleting))
        gone = there - _count() + 2 * len(asked)
        say(f"{name}: {_speed(gone, turns)}; {_held(deleting.memory)}")
        until = turns[0][0] + options.turns
        during = [one for one in asked if any(begin <= one.at <= end for begin, end in turns)]
        between = [one for one in asked if one.at <= until and one not in during]
        in_turns = [one for one in during if one.at <= until]
        if not between:
            continue  # nothing was left to be deleted
        base = _at([one.seconds for one in between], 0.99)
        for when, some in (("between", between), ("meanwhile", in_turns), ("all the while", during)):
            _told(f"  {when}", some, base)


async def _beside(users: Users, deleting: Deleting) -> tuple[list[Asked], list[tuple[float, float]]]:
    watching = asyncio.ensure_future(deleting.watch())
    asked = await users.ask(until=deleting.ended)
    await watching
    return asked, deleting.turns()


def _told(name: str, asked: list[Asked], base: float) -> None:
    if not asked:
        return
    seconds = [one.seconds for one in asked]
    failed = sum(not one.complete for one in asked)
    half, most, slowest = (1000 * _at(seconds, share) for share in (0.5, 0.99, 1))
    say(
        f"{name}: {len(asked)} answers, {failed} failed; p50 {half:.0f} ms, p99 {most:.0f} ms "
        f"({most / 1000 / base:.2f}), slowest {slowest:.0f} ms"
    )


def _speed(gone: int, turns: list[tuple[float, float]]) -> str:
    took = sum(end - begin for begin, end in turns)
    return f"{gone} messages in {took:.0f} s, {gone / took:.0f} a second"


def _held(memory: list[int]) -> str:
    """The most in each third of the time: it has started when the first ends."""
    third = max(1, len(memory) // 3)
    return (
        "memory at most "
        + ", ".join(f"{max(memory[at : at + third]) / 1e6:.0f}" for at in (0, third, 2 * third))
        + " MB"
    )


def _count() -> int:
    from chat.models import Message

    return Message.objects.count()


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _delete(how: str, turns: float, most: float) -> None:
    """In turns of some seconds with as long between, for so long; then to the end."""
    import django

    django.setup()
    ways: dict[str, Callable[[Callable[[], bool]], None]] = {"purge": _purge, "plainly": _plainly}
    began, ended = time.time(), False
    while not ended:
        turn = time.time()

        def over(turn: float = turn) -> bool:
            now = time.time()
            return now - began > most or (now - began < turns and now - turn > _TURN)

        ways[how](over)
        ended = not over() or time.time() - began > most
        say(f"turn {turn} {time.time()}")
        if not ended:
            time.sleep(_TURN)


def _purge(stopped: Callable[[], bool]) -> None:
    from django.utils import timezone

    from background_tasks.retention import HISTORY, retention_apply

    retention_apply(now=timezone.now(), stopped=stopped, only=HISTORY)


def _plainly(stopped: Callable[[], bool]) -> None:
    """As retention did before."""
    from django.utils import timezone

    from chat.models import Session

    before = timezone.now() - timedelta(days=KEPT)
    rows = Session.objects.filter(user__username="admin", updated_at__lt=before)
    while not stopped() and (keys := list(rows.order_by("pk").values_list("pk", flat=True)[:500])):
        Session.objects.filter(pk__in=keys).delete()


if __name__ == "__main__":
    main()
