"""Conversations, and what is kept beside them: opinions on answers, quick replies, what was used."""

import uuid
from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from django.conf import settings
from django.db import models

from documents.models import Asker
from users.models import User


class Visitor(models.Model):
    """Somebody who asks on a website without an account: owns one conversation, until an account claims it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, blank=True)
    email = models.EmailField("e-mail address", blank=True)
    origin = models.CharField(
        max_length=255, blank=True, help_text="The website where it began; empty if that was no page in a browser."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name or self.email or f"visitor {str(self.pk)[:8]}"

    @property
    def role(self) -> str:
        """What may be seen goes by it, as by the role of a user."""
        return Asker.VISITOR


Owner: TypeAlias = User | Visitor
"""Whose a conversation is."""


class Kind(models.TextChoices):
    CHAT = "chat", "Conversation"
    ASSISTANT = "assistant", "Single question"


class Session(models.Model):
    """One conversation of a user or a visitor, or one single question of a user (chat/assistant.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="chat_sessions"
    )
    visitor = models.OneToOneField(Visitor, on_delete=models.CASCADE, null=True, related_name="session")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CHAT)
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-updated_at"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["user", "-updated_at"], name="session_of_user")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(user=None, visitor__isnull=False) | models.Q(user__isnull=False, visitor=None),
                name="session_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)

    @property
    def owner(self) -> Owner:
        owner = self.user or self.visitor
        assert owner  # noqa: S101 - the constraint sees to it
        return owner


class Sender(models.TextChoices):
    USER = "user"
    BOT = "bot"
    SYSTEM = "system"


class Status(models.TextChoices):
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


class Message(models.Model):
    """A question or an answer. The answer's row is made with the question's and ends in one of the states, always.

    A conversation is a tree: an answer comes after its question, a question after the answer that was shown then.
    Several after the same one are versions, of which one is shown (chat/tree.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="children", help_text="What it comes after."
    )
    chosen = models.BooleanField(default=False, help_text="Of the messages after the same one, this one is shown.")
    position = models.PositiveIntegerField(help_text="In the order in which the session's messages were made, from 0.")
    sender_type = models.CharField(max_length=8, choices=Sender)
    content = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.COMPLETE)
    timestamp = models.DateTimeField(auto_now_add=True)
    checkpoint_at = models.DateTimeField(null=True, help_text="When an answer that is written was last saved.")
    grounded = models.BooleanField(default=False)
    model = models.CharField(max_length=100, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    response_time_ms = models.PositiveIntegerField(null=True)
    suggestions = models.JSONField(default=list, help_text="Questions that may be asked next.")
    metadata = models.JSONField(default=dict)

    siblings: list[uuid.UUID] | None = None
    """Itself and those beside it, in the order in which they were made, where that is known already (chat/tree.py)."""

    class Meta:
        ordering: ClassVar[list[str]] = ["session", "position"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["timestamp", "id"], name="message_by_age"),
            models.Index(fields=["timestamp"], condition=models.Q(status="streaming"), name="message_streaming"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "position"], name="message_position_unique_in_session"),
            models.UniqueConstraint(fields=["parent"], condition=models.Q(chosen=True), name="message_one_chosen"),
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(chosen=True, parent=None), name="message_one_first_chosen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender_type}: {self.content[:60]}"

    def cites(self, citations: "Sequence[Citation]") -> None:
        """These citations were just saved, and are all that it has: the database need not be asked for them."""
        known = self.citations.all()
        known._result_cache = list(citations)
        vars(self)["_prefetched_objects_cache"] = {"citations": known}


class Citation(models.Model):
    """Where a statement comes from, with the text as it was: it outlives the document and can be checked against it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="citations")
    marker = models.PositiveSmallIntegerField()
    chunk_id = models.CharField(max_length=64)
    document_id = models.UUIDField(help_text="Not a foreign key: the document may be gone.")
    collection_id = models.UUIDField(null=True, help_text="Where the document was; not known of older citations.")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    heading = models.CharField(max_length=1000, blank=True)
    page = models.PositiveIntegerField(null=True)
    source_uri = models.CharField(max_length=500, blank=True)
    char_start = models.PositiveIntegerField(help_text="Offset into the text of the version.")
    char_end = models.PositiveIntegerField()
    text = models.TextField()
    metadata = models.JSONField(default=dict, help_text="What else is known of the place: of a video, the times.")

    class Meta:
        ordering: ClassVar[list[str]] = ["message", "marker"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["document_id", "version"], name="citation_of_version"),
        ]

    def __str__(self) -> str:
        return f"[{self.marker}] {self.title}"


class Outcome(models.TextChoices):
    RUNNING = "running"
    OK = "ok"
    INVALID = "invalid", "Arguments not valid"
    REFUSED = "refused", "No such tool for this role"
    FAILED = "failed"


class ToolCall(models.Model):
    """A call of a tool that a model asked for (chat/tools/). The row is there before it runs, whatever comes of it."""

    answer = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tool_calls")
    position = models.PositiveSmallIntegerField(help_text="Among the calls for this answer, from 0.")
    name = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict, help_text="As they were asked for.")
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.RUNNING)
    detail = models.CharField(max_length=500, blank=True, help_text="Why nothing came of it.")
    returned = models.PositiveIntegerField(default=0, help_text="Characters.")
    duration_ms = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["answer", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["answer", "position"], name="tool_call_position_unique_in_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"


class AnswerTrace(models.Model):
    """What an answer was made of, for editors: its search can be done again, as of then (chat/replaying.py)."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="trace")
    revision = models.PositiveBigIntegerField(help_text="Of the knowledge base that was searched.")
    confidence = models.FloatField(help_text="That the documents held the answer, 0 to 1.")
    prompt_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the messages to the model.")
    system_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the rules among them.")
    search = models.JSONField(help_text="The question as it was searched for, scope, mode, settings.")
    passages = models.JSONField(help_text="What was considered for the context, best first; texts are in the versions.")

    def __str__(self) -> str:
        return f"{self.message_id} at {self.revision}"


class Rating(models.TextChoices):
    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"


class Feedback(models.Model):
    """What its asker thinks of an answer. Editors read it; it does not say whose it is."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="feedback")
    rating = models.CharField(max_length=16, choices=Rating)
    comment = models.TextField(blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at"]
        verbose_name_plural = "feedback"

    def __str__(self) -> str:
        return self.rating


class Audience(models.TextChoices):
    EVERYBODY = "everybody", "Everybody"
    USERS = "users", "Users with an account"
    VISITORS = "visitors", "Visitors of the website"


class QuickReply(models.Model):
    """A question that editors offer to whoever begins a conversation."""

    text = models.CharField(max_length=200)
    audience = models.CharField(max_length=16, choices=Audience, default=Audience.EVERYBODY)
    position = models.PositiveSmallIntegerField(default=0, help_text="The smallest comes first.")
    active = models.BooleanField(default=True, help_text="Whether it is offered.")

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        verbose_name_plural = "quick replies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["text", "audience"], name="quick_reply_unique_for_audience"),
        ]

    def __str__(self) -> str:
        return self.text


class AskedOnce(models.Model):
    """A request with an Idempotency-Key, and the answer that it was given (chat/idempotency.py)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked for.")
    answer = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="asked_once_key_unique_for_user"),
        ]


class DailyUsage(models.Model):
    """What was used on one day. It outlives the conversations: deleting them gives no tokens back."""

    day = models.DateField(help_text="In UTC.")
    answers = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True


class Usage(DailyUsage):
    """Of a user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "day"], name="usage_day_unique_for_user"),
        ]


class VisitorUsage(DailyUsage):
    """Of all visitors of a website together."""

    origin = models.CharField(max_length=255, blank=True, help_text="Empty: askers that are no page in a browser.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["origin", "day"], name="visitor_usage_day_unique_for_origin"),
        ]
