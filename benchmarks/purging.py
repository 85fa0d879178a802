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
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psutil

from benchmarks.serving import ROOT, UNLIMITED, Serving, served

_KEPT = 30
_PER_SESSION = 20
_PACE = 2.0
_TURN = 15.0
_WORDS = (ROOT / "README.md").read_text().split()
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
    parser.add_argument("--how", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.how:
        _delete(options.how, options.turns)
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
            "CONVERSATIONS_KEPT_DAYS": str(_KEPT),
            "CONVERSATIONS_KEPT_DAYS_BY_ROLE": "admin=0",
            "TRACES_KEPT_DAYS": "0",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        accounts = _prepare(options.users)
        _seed(options.messages, accounts)
        before = _young(accounts)
        with served() as serving:
            _measure(options, serving, accounts)
        after = _young(accounts)
        _say(f"younger messages: {before[0]} before, {after[0]} after, {'' if before == after else 'NOT '}the same")
        _check()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


# --- What is there


@dataclass(frozen=True, slots=True)
class Accounts:
    asking: Sequence[Any]
    seeded: Sequence[Any]
    """Whose the messages are."""
    admin: Any
    """Whose conversations are deleted plainly."""


def _prepare(users: int) -> Accounts:
    from django.core.management import call_command

    from users.models import Role, User

    call_command("migrate", verbosity=0)
    call_command("populate_documents", verbosity=0)

    def made(name: str, role: str = Role.USER) -> User:
        return User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.org", "role": role})[0]

    return Accounts(
        [made(f"asker-{number}") for number in range(users)],
        [made(f"seeded-{number}") for number in range(200)],
        made("admin", Role.ADMIN),
    )


@dataclass(slots=True)
class _Rows:
    sessions: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    citations: list[Any] = field(default_factory=list)
    traces: list[Any] = field(default_factory=list)


def _seed(messages: int, accounts: Accounts) -> None:
    """Conversations of ten exchanges: of twenty nine are old, nine young and two half and half; as many again as a
    tenth of them, all old, are the admin's."""
    from django.db import connection

    from chat.models import Message

    began = time.perf_counter()
    luck = random.Random(17)  # noqa: S311 - the same each time
    copies = max(1, messages // 40_000) if connection.vendor == "postgresql" else 1
    sessions = messages // _PER_SESSION // copies
    rows = _Rows()
    for number in range(sessions + sessions // 10):
        part = number % 20
        old = _PER_SESSION if part < 9 or number >= sessions else _PER_SESSION // 2 if part < 11 else 0
        owner = accounts.seeded[number % len(accounts.seeded)] if number < sessions else accounts.admin
        _conversation(rows, luck, owner, old)
        if len(rows.messages) >= 20_000:
            _store(rows)
            rows = _Rows()
    _store(rows)
    _copy(copies - 1)
    _analyze()
    took = time.perf_counter() - began
    _say(f"{Message.objects.count()} messages, made in {took:.0f} s, {_size() / 1e9:.1f} GB")


def _text(luck: random.Random, words: int) -> str:
    at = luck.randrange(len(_WORDS) - words)
    return " ".join(_WORDS[at : at + words])


def _conversation(rows: _Rows, luck: random.Random, owner: Any, old: int) -> None:
    """The first ``old`` messages 31 to 120 days ago, the others 1 to 29."""
    from chat.models import AnswerTrace, Citation, Message, Sender, Session

    now = datetime.now().astimezone()
    session = Session(user=owner, title=_text(luck, 6)[:200])
    long_ago, lately = sorted(luck.uniform(31, 120) for _ in range(2)), luck.uniform(1, 29)
    rows.sessions.append(session)
    parent: UUID | None = None
    for position in range(_PER_SESSION):
        days = long_ago[0] if position < old else lately
        asks = position % 2 == 0
        message = Message(
            session=session,
            parent_id=parent,
            chosen=True,
            position=position,
            sender_type=Sender.USER if asks else Sender.BOT,
            content=_text(luck, 12 if asks else 120),
            grounded=not asks,
        )
        message.timestamp = now - timedelta(days=days) + timedelta(seconds=30 * position)
        session.updated_at = session.created_at = message.timestamp
        rows.messages.append(message)
        parent = message.pk
        if asks:
            continue
        for marker in (1, 2):
            place = uuid4()
            rows.citations.append(
                Citation(message=message, marker=marker, chunk_id=f"{place}:1:{marker}", document_id=place, version=1,
                         title=_text(luck, 5), char_start=0, char_end=300, text=_text(luck, 50))
            )  # fmt: skip
        if position % 10 == 1:
            passages = [{"chunk": str(uuid4()), "score": luck.random(), "rank": rank} for rank in range(10)]
            rows.traces.append(AnswerTrace(message=message, revision=1, confidence=0.7, search={}, passages=passages))


def _store(rows: _Rows) -> None:
    """Quicker than by ``bulk_create``, and with the times that they are given."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for made in (rows.sessions, rows.messages, rows.citations, rows.traces):
            if not made:
                continue
            model = type(made[0])
            fields = [one for one in model._meta.concrete_fields if one is not model._meta.auto_field]
            names = ", ".join(f'"{one.column}"' for one in fields)
            values = ([one.get_db_prep_save(getattr(row, one.attname), connection) for one in fields] for row in made)
            _insert(cursor, model._meta.db_table, names, len(fields), values)


def _insert(cursor: Any, table: str, names: str, count: int, values: Iterable[list[Any]]) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in values:
                copy.write_row(row)
    else:
        marks = ", ".join(["%s"] * count)
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)  # noqa: S608


def _copy(times: int) -> None:
    """What is there, so many times more, with other ids. PostgreSQL does that by itself."""
    from django.db import connection

    from chat.models import AnswerTrace, Citation, Message, Session

    ids: dict[Any, set[str]] = {
        Session: {"id"},
        Message: {"id", "session_id", "parent_id"},
        Citation: {"message_id"},
        AnswerTrace: {"message_id"},
    }
    with connection.cursor() as cursor:
        for model, other in ids.items():
            names = [one.column for one in model._meta.concrete_fields if one is not model._meta.auto_field]
            taken = ", ".join(f'md5("{name}"::text || copy)::uuid' if name in other else f'"{name}"' for name in names)
            into = f"{model._meta.db_table} ({', '.join(names)})"
            source = f"{model._meta.db_table}, generate_series(1, {times}) AS copy"
            if times:
                cursor.execute(f"INSERT INTO {into} SELECT {taken} FROM {source}")  # noqa: S608


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _size() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])


def _young(accounts: Accounts) -> tuple[int, str]:
    """How many younger messages there are with their citations, without what is being asked, and a checksum of them."""
    from django.utils import timezone

    from chat.models import Message

    rows = Message.objects.filter(session__user__in=accounts.seeded)
    rows = rows.filter(timestamp__gte=timezone.now() - timedelta(days=_KEPT)).order_by("pk")
    told = rows.values_list("pk", "session", "position", "sender_type", "content", "timestamp", "citations__text")
    count, digest = 0, hashlib.sha256()
    for row in told.order_by("pk", "citations__marker").iterator(chunk_size=5000):
        count += 1
        digest.update(repr(row).encode())
    return count, digest.hexdigest()


def _check() -> None:
    """Of every conversation that goes on, a whole path is shown, and every answer has its question."""
    from django.db.models import Count, Q

    from chat.models import Message, Sender, Session

    first = Count("messages", filter=Q(messages__parent=None, messages__chosen=True))
    without = Session.objects.annotate(first=first).exclude(first=1).count()
    alone = Message.objects.filter(sender_type=Sender.BOT, parent=None).count()
    _say(f"conversations without a beginning: {without}; answers without a question: {alone}")


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
        from asgiref.sync import sync_to_async

        from users.login_sessions import tokens_issue

        self.asked = []
        tokens = [(await sync_to_async(tokens_issue)(user=user)).access for user in self._accounts]
        await asyncio.gather(*(self._user(number, token, until) for number, token in enumerate(tokens)))
        return self.asked

    async def _user(self, number: int, token: str, until: Callable[[], bool]) -> None:
        await asyncio.sleep(number * _PACE / len(self._accounts))  # nobody clicks at the same time as all others
        session, count = "", number
        while not until():
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

    def __init__(self, how: str, turns: float) -> None:
        command = [sys.executable, "-m", "benchmarks.purging", "--how", how, "--turns", str(turns)]
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
        deleting = Deleting(how, options.turns)
        asked, turns = asyncio.run(_beside(users, deleting))
        gone = there - _count() + 2 * len(asked)
        _say(f"{name}: {_speed(gone, turns)}; {_held(deleting.memory)}")
        until = turns[0][0] + options.turns
        during = [one for one in asked if any(begin <= one.at <= end for begin, end in turns)]
        between = [one for one in asked if one.at <= until and one not in during]
        in_turns = [one for one in during if one.at <= until]
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
    _say(
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


def _delete(how: str, turns: float) -> None:
    """In turns of some seconds with as long between, for so long; then to the end."""
    import django

    django.setup()
    ways: dict[str, Callable[[Callable[[], bool]], None]] = {"purge": _purge, "plainly": _plainly}
    began, ended = time.time(), False
    while not ended:
        turn = time.time()

        def over(turn: float = turn) -> bool:
            return time.time() - began < turns and time.time() - turn > _TURN

        ways[how](over)
        ended = not over()
        _say(f"turn {turn} {time.time()}")
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

    before = timezone.now() - timedelta(days=_KEPT)
    rows = Session.objects.filter(user__username="admin", updated_at__lt=before)
    while not stopped() and (keys := list(rows.order_by("pk").values_list("pk", flat=True)[:500])):
        Session.objects.filter(pk__in=keys).delete()


if __name__ == "__main__":
    main()
