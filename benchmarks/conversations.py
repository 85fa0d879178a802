"""A database of conversations, half of which are old, and whether a purge has left the others whole.

For benchmarks/purging.py.
"""

import hashlib
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from benchmarks.serving import ROOT

KEPT = 30
"""Days."""
_PER_SESSION = 20
_WORDS = (ROOT / "README.md").read_text().split()


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


@dataclass(frozen=True, slots=True)
class Accounts:
    asking: Sequence[Any]
    seeded: Sequence[Any]
    """Whose the messages are."""
    admin: Any
    """Whose conversations are deleted plainly."""


def accounts_make(users: int) -> Accounts:
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


def conversations_make(messages: int, accounts: Accounts) -> None:
    """Conversations of ten exchanges: of twenty nine are old, nine young and two half and half; as many again as a
    tenth of them, all old, are the admin's."""
    from django.db import connection

    from chat.models import Message

    if there := Message.objects.count():
        say(f"{there} messages, made before, {_size() / 1e9:.1f} GB")
        return
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
    say(f"{Message.objects.count()} messages, made in {took:.0f} s, {_size() / 1e9:.1f} GB")


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


def young_sum(accounts: Accounts) -> tuple[int, str]:
    """How many younger messages there are with their citations, without what is being asked, and a checksum of them."""
    from django.utils import timezone

    from chat.models import Message

    rows = Message.objects.filter(session__user__in=accounts.seeded)
    rows = rows.filter(timestamp__gte=timezone.now() - timedelta(days=KEPT)).order_by("pk")
    told = rows.values_list("pk", "session", "position", "sender_type", "content", "timestamp", "citations__text")
    count, digest = 0, hashlib.sha256()
    for row in told.order_by("pk", "citations__marker").iterator(chunk_size=5000):
        count += 1
        digest.update(repr(row).encode())
    return count, digest.hexdigest()


def conversations_check() -> None:
    """Of every conversation that goes on, a whole path is shown, and every answer has its question."""
    from django.db.models import Count, Q

    from chat.models import Message, Sender, Session

    first = Count("messages", filter=Q(messages__parent=None, messages__chosen=True))
    without = Session.objects.annotate(first=first).exclude(first=1).count()
    alone = Message.objects.filter(sender_type=Sender.BOT, parent=None).count()
    say(f"conversations without a beginning: {without}; answers without a question: {alone}")
