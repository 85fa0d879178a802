"""What people might have done in some days, by chance, the same for the same seed: rows as the product leaves them."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Field

from background_tasks.models import JobRun, State
from chat.models import (
    AnswerTrace,
    Citation,
    Feedback,
    Kind,
    Message,
    Outcome,
    Rating,
    Sender,
    Session,
    Status,
    ToolCall,
    Usage,
    Visitor,
    VisitorUsage,
)
from users.models import User

DOCUMENTS = [UUID(int=number) for number in range(1, 9)]
_MODELS = ("mistral-small-latest", "extractive", "a-model-of-ours", "none")
_ERRORS = ("provider_unavailable", "interrupted", "internal_error")


@contextmanager
def _own_times() -> Iterator[None]:
    """Rows keep the times that they are given."""
    fields: list[Any] = [
        Session._meta.get_field("created_at"),
        Session._meta.get_field("updated_at"),
        Visitor._meta.get_field("created_at"),
        Message._meta.get_field("timestamp"),
        Feedback._meta.get_field("at"),
        ToolCall._meta.get_field("at"),
    ]
    before: list[tuple[Field[Any, Any], bool, bool]] = [(field, field.auto_now, field.auto_now_add) for field in fields]
    for field in fields:
        field.auto_now = field.auto_now_add = False
    try:
        yield
    finally:
        for field, now, add in before:
            vars(field).update(auto_now=now, auto_now_add=add)


class Living:
    """Fills lists of rows, and saves them together."""

    def __init__(
        self, seed: int, *, begins: datetime, ends: datetime, midnights: Sequence[datetime] = (), prefix: str = "person"
    ) -> None:
        """``midnights``: moments at, just before and just after which something happens."""
        self.chance = random.Random(seed)
        self._begins, self._ends = begins, ends
        self._edges = [
            moment + timedelta(microseconds=off)
            for moment in midnights
            for off in (-1, 0, 1)
            if begins <= moment < ends
        ]
        self.users = [User.objects.create(username=f"{prefix}{number}") for number in range(5)]
        self._rows: dict[type, list[Any]] = {
            kind: [] for kind in (Visitor, Session, Message, Citation, Feedback, ToolCall, AnswerTrace)
        }

    def live(self, exchanges: int) -> None:
        moments = [*self._edges, *(self._moment() for _ in range(exchanges - len(self._edges)))]
        session: Session | None = None
        for moment in moments:
            if session is None or self.chance.random() < 0.5:
                session = self._session(moment)
            self._exchange(session, moment)
        self._usage()
        self._jobs()
        with _own_times():
            for kind, rows in self._rows.items():
                kind.objects.bulk_create(rows, batch_size=1000)  # type: ignore[attr-defined]

    def _moment(self) -> datetime:
        seconds = (self._ends - self._begins).total_seconds()
        return self._begins + timedelta(seconds=round(self.chance.random() * seconds, 3))

    def _session(self, moment: datetime) -> Session:
        owner: dict[str, Any]
        if self.chance.random() < 0.4:
            visitor = Visitor(created_at=moment, origin="https://www.example.org")
            self._rows[Visitor].append(visitor)
            owner = {"visitor": visitor}
        else:
            kind = Kind.ASSISTANT if self.chance.random() < 0.2 else Kind.CHAT
            owner = {"user": self.chance.choice(self.users), "kind": kind}
        session = Session(created_at=moment, updated_at=moment, **owner)
        self._rows[Session].append(session)
        session.places = 0  # type: ignore[attr-defined]
        return session

    def _exchange(self, session: Any, moment: datetime) -> None:
        def message(**fields: Any) -> Message:
            made = Message(session=session, position=session.places, **fields)
            session.places += 1
            self._rows[Message].append(made)
            return made

        question = message(sender_type=Sender.USER, content="What?", timestamp=moment)
        for _ in range(2 if self.chance.random() < 0.1 else 1):  # asked for again at times
            moment += timedelta(microseconds=self.chance.choice((0, 1, 500)))
            self._answer(message(sender_type=Sender.BOT, parent=question, timestamp=moment, **self._ending()))

    def _ending(self) -> dict[str, Any]:
        status = self.chance.choices(list(Status), (1, 20, 2, 2))[0]
        took = self.chance.choice((None, self.chance.randrange(5, 9000)))
        if status != Status.COMPLETE:
            metadata = {"error": self.chance.choice(_ERRORS)} if status == Status.FAILED else {}
            return {"status": status, "metadata": metadata, "response_time_ms": took}
        model = self.chance.choice(_MODELS)
        tokens = (
            (0, 0) if model in ("none", "extractive") else (self.chance.randrange(3000), self.chance.randrange(500))
        )
        return {
            "status": status,
            "grounded": model != "none",
            "model": model,
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "response_time_ms": took,
            "metadata": {"cached": True} if self.chance.random() < 0.2 else {"confidence": 0.7},
        }

    def _answer(self, answer: Message) -> None:
        if answer.grounded:
            for marker in range(1, 1 + self.chance.randrange(4)):
                document = self.chance.choice(DOCUMENTS)
                cited = {"document_id": document, "title": f"Document {document.int}", "version": 1, "char_start": 0}
                self._rows[Citation].append(
                    Citation(message=answer, marker=marker, chunk_id="x", char_end=1, text="x", **cited)
                )
            mode, space = self.chance.choice((("hybrid", "m"), ("lexical", "m"), ("lexical", "")))
            search = {"mode": mode, "settings": {"embedder": space}}
            self._rows[AnswerTrace].append(
                AnswerTrace(message=answer, revision=1, confidence=0.7, search=search, passages=[])
            )
        if self.chance.random() < 0.3:
            at = answer.timestamp + timedelta(hours=self.chance.choice((0, 1, 30)))
            self._rows[Feedback].append(Feedback(message=answer, rating=self.chance.choice(list(Rating)), at=at))
        if self.chance.random() < 0.1:
            call = {"outcome": self.chance.choice(list(Outcome)), "at": answer.timestamp}
            self._rows[ToolCall].append(ToolCall(answer=answer, position=0, name="search", **call))

    def _usage(self) -> None:
        for days in range((self._ends - self._begins).days):
            day = (self._begins + timedelta(days=days)).date()
            for user in self.chance.sample(self.users, 2):
                Usage.objects.create(user=user, day=day, answers=self.chance.randrange(9), prompt_tokens=100 * days)
            VisitorUsage.objects.create(origin="", day=day, answers=days, completion_tokens=days)

    def _jobs(self) -> None:
        for place in range(40):
            going_on = place == 0 and not JobRun.objects.filter(state=State.RUNNING).exists()  # of a job one at most
            ended = None if going_on else self._moment()
            state = self.chance.choice((State.DONE, State.FAILED)) if ended else State.RUNNING
            times = {"slot": self._begins + timedelta(minutes=place), "started_at": self._begins, "ended_at": ended}
            JobRun.objects.create(job=self.chance.choice(("backup", "retention")), state=state, worker="x", **times)
