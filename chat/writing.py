"""An answer while it is written: what has come of it, and how that is saved, each second and in every ending."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.beginning import Exchange
from chat.models import AnswerTrace, Citation, Message, Session, Status
from chat.places import places_told
from chat.quotas import usage_record
from chat.suggesting import suggestions_after
from rag.answering import Done, Event, Sources
from rag.citations.markers import markers_in
from rag.citations.places import stored
from rag.context import Source
from rag.generators.base import Delta
from rag.generators.chain import Restart
from rag.tracing import Trace
from utils.errors import GroundedError, NotFound
from utils.outages import outage, outlasted

logger = logging.getLogger(__name__)
CHECKPOINT_SECONDS = 1.0
"""What a server that is killed may lose of an answer, and how long a stop may take to be noticed."""
APOLOGY = "Sorry, this question could not be answered just now. Please try again."
WRITTEN = "status content grounded model prompt_tokens completion_tokens response_time_ms suggestions metadata".split()
"""What an answer's row gets when it ends. Which version is shown may have been chosen meanwhile."""


class Writing:
    def __init__(self, exchange: Exchange) -> None:
        self.answer = exchange.answer
        self._exchange = exchange
        self.error: BaseException | None = None
        """Why it failed, if it did."""
        self._parts: list[str] = []
        self._sources: Sequence[Source] = ()
        self._done: Done | None = None
        self._began = self._saved = time.monotonic()

    @property
    def text(self) -> str:
        return "".join(self._parts).strip()

    def take(self, event: Event) -> None:
        match event:
            case Sources(sources):
                self._sources = sources
            case Delta(text):
                self._parts.append(text)
            case Restart():
                self._parts = []
            case Done():
                self._done = event

    def due(self, *, within: float = 0.0) -> bool:
        """Whether a checkpoint is due in so many seconds."""
        return time.monotonic() - self._saved >= CHECKPOINT_SECONDS - within

    def checked_in(self) -> None:
        self._saved = time.monotonic()

    def finish(self, ending: Status, error: BaseException | None = None) -> Message:
        """Save the answer as it is now: whole, or what was written of it.

        It counts as stopped if that was asked for meanwhile. Raises NotFound if its session was deleted. A database
        that is restarted has the answer a moment later: it has been written, and perhaps paid for.
        """
        return outlasted(lambda again: self._finish(ending, error, again=again))

    def _finish(self, ending: Status, error: BaseException | None, *, again: bool) -> Message:
        message = self.answer
        self.error = error
        suggestions = suggestions_after(exchange=self._exchange, done=self._done) if self._done else []
        with transaction.atomic():
            locked = Session.objects.select_for_update().filter(pk=message.session_id, messages=message)
            row = locked.values_list("messages__status", "messages__response_time_ms").first()
            if row is None:
                raise NotFound("The session was deleted while the question was answered.")
            status, saved = row
            if again and (saved is not None or status in (Status.COMPLETE, Status.FAILED)):
                return message  # it was saved, and only the news of that was lost
            message.status = Status.STOPPED if status == Status.STOPPED else ending
            message.response_time_ms = round((time.monotonic() - self._began) * 1000)
            whole = self._done if message.status == Status.COMPLETE else None
            message.suggestions = suggestions if whole else []
            cited = self._whole(whole) if whole else self._partial()
            message.save(force_update=True, update_fields=WRITTEN)
            usage_record(answer=message)
            message.cites(Citation.objects.bulk_create(citations_of(message, cited)))
        return message

    def _whole(self, done: Done) -> Mapping[int, Source]:
        message = self.answer
        message.content, message.grounded, message.model = done.text, done.grounded, done.model
        message.prompt_tokens, message.completion_tokens = done.prompt_tokens, done.completion_tokens
        message.metadata = done.metadata
        if done.trace:
            _trace(message, done.trace).save(force_insert=True)
        return done.cited

    def _partial(self) -> Mapping[int, Source]:
        """What came stays, with what it cites; nobody has checked that its sources support it."""
        message = self.answer
        message.content = self.text
        if message.status == Status.FAILED:
            logger.error("The answer %s failed", message.pk, exc_info=self.error)
            message.content = message.content or APOLOGY
            message.metadata = {"error": error_code(self.error)}
        named = dict(enumerate(self._sources, start=1))
        return stored({marker: named[marker] for marker in markers_in(message.content) if marker in named})


def checkpoint(writings: Sequence[Writing]) -> set[UUID]:
    """Save what has been written so far. Returns the ids of those that nobody waits for: stopped, or gone."""
    now = timezone.now()
    rows = [Message(pk=writing.answer.pk, content=writing.text, checkpoint_at=now) for writing in writings]
    streaming = Message.objects.filter(status=Status.STREAMING)
    saved = streaming.bulk_update(rows, ["content", "checkpoint_at"], batch_size=100)
    for writing in writings:
        writing.checked_in()
    if saved == len(rows):
        return set()
    ids = {row.pk for row in rows}
    return ids - set(streaming.filter(pk__in=ids).values_list("pk", flat=True))


def error_code(error: BaseException | None) -> str:
    error = outage(error) or error
    return error.code if isinstance(error, GroundedError) else "internal_error"


def _citation(message: Message, marker: int, source: Source, told: Mapping[str, Any]) -> Citation:
    document = source.version.document
    return Citation(
        message=message,
        marker=marker,
        chunk_id=source.chunk.pk,
        document_id=document.pk,
        collection_id=document.collection_id,
        version=source.version.number,
        title=source.version.title,
        heading=source.chunk.heading,
        page=source.chunk.page,
        source_uri=document.source_uri,
        char_start=source.start,
        char_end=source.end,
        text=source.text,
        metadata=dict(told),
    )


def citations_of(message: Message, sources: Mapping[int, Source]) -> list[Citation]:
    """The sources of an answer, by marker, as it may cite them, not saved."""
    told = places_told(list(sources.values()))
    return [
        _citation(message, marker, source, more) for (marker, source), more in zip(sources.items(), told, strict=True)
    ]


def _trace(message: Message, trace: Trace) -> AnswerTrace:
    kept = trace.as_dict()
    apart = {name: kept.pop(name) for name in ("revision", "confidence", "prompt_hash", "system_hash", "passages")}
    return AnswerTrace(message=message, search=kept, **apart)
