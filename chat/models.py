"""Conversations."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class Session(models.Model):
    """One conversation of a user."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_sessions")
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-updated_at"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["user", "-updated_at"], name="session_of_user")]

    def __str__(self) -> str:
        return self.title or str(self.pk)


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
    """A question or an answer. The answer's row is made with the question's and ends in one of the states, always."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="messages")
    position = models.PositiveIntegerField(help_text="Place in the session, from 0.")
    sender_type = models.CharField(max_length=8, choices=Sender)
    content = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.COMPLETE)
    timestamp = models.DateTimeField(auto_now_add=True)
    grounded = models.BooleanField(default=False)
    model = models.CharField(max_length=100, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    response_time_ms = models.PositiveIntegerField(null=True)
    metadata = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["session", "position"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-timestamp"], name="message_latest")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "position"], name="message_position_unique_in_session"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_type}: {self.content[:60]}"


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

    class Meta:
        ordering: ClassVar[list[str]] = ["message", "marker"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["document_id", "version"], name="citation_of_version"),
        ]

    def __str__(self) -> str:
        return f"[{self.marker}] {self.title}"


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
