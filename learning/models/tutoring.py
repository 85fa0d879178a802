"""Tutoring: sessions, what was said and asked in them, and completions that wait to be told to a remote curriculum."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

LONGEST_KEY = 200


class TutoringStatus(models.TextChoices):
    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class Speaker(models.TextChoices):
    LEARNER = "learner"
    TUTOR = "tutor"


class Level(models.TextChoices):
    """Of a question, and how far it goes beyond what the material says in one place."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class QuestionState(models.TextChoices):
    PREPARED = "prepared", "Prepared, not asked yet"
    OPEN = "open", "Asked; the learner's next message answers it"
    RIGHT = "right", "Answered right"
    WRONG = "wrong", "Answered, not right"
    UNANSWERED = "unanswered", "What came was no answer"


JUDGED = (QuestionState.RIGHT, QuestionState.WRONG, QuestionState.UNANSWERED)


class TutoringSession(models.Model):
    """A learner and a topic. Topic and course are known by texts: a curriculum elsewhere has ids of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutoring_sessions")
    topic_key = models.CharField(max_length=LONGEST_KEY)
    course_key = models.CharField(max_length=LONGEST_KEY)
    status = models.CharField(max_length=16, choices=TutoringStatus, default=TutoringStatus.ACTIVE)
    snapshot = models.JSONField(help_text="The topic and the learner as they were at the start.")
    score = models.FloatField(null=True, help_text="Share of the last questions that was answered right, at the end.")
    started_at = models.DateTimeField(default=timezone.now)
    active_at = models.DateTimeField(default=timezone.now, help_text="When the learner last wrote.")
    completed_at = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True, help_text="A message is being answered; after this, by nobody.")
    busy_with = models.UUIDField(null=True, help_text="The turn that answers it.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "active_at"], name="tutoring_session_idle"),
            models.Index(fields=["user", "-started_at"], name="tutoring_session_of_user"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "topic_key"], condition=Q(status="active"), name="tutoring_session_one_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.snapshot.get('topic_title', self.topic_key)}"


class TutoringMessage(models.Model):
    """What was said. A learner's message that nobody answered, as the server was killed, stands by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(TutoringSession, on_delete=models.CASCADE, related_name="messages")
    position = models.PositiveIntegerField()
    sender_type = models.CharField(max_length=8, choices=Speaker)
    content = models.TextField()
    timestamp = models.DateTimeField(default=timezone.now)
    completed = models.BooleanField(default=False, help_text="Of the tutor's: the topic was mastered with it.")
    model = models.CharField(max_length=100, blank=True, help_text="Who wrote it, of the tutor's.")
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    claimed = models.BooleanField(
        default=False, help_text="Of the tutor's: a model wrote the completion marker, which decides nothing."
    )
    key = models.CharField(max_length=255, blank=True, help_text="The Idempotency-Key of the learner's.")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the request that had the key.")

    class Meta:
        ordering: ClassVar[list[str]] = ["session", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "position"], name="tutoring_message_in_its_place"),
            models.UniqueConstraint(
                fields=["session", "key"], condition=~Q(key=""), name="tutoring_message_once_for_key"
            ),
        ]

    def __str__(self) -> str:
        return self.content[:80]


class TutoringQuestion(models.Model):
    """A question, what is expected, and what became of it. Written by the server alone; see docs/tutoring.md."""

    session = models.ForeignKey(TutoringSession, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveIntegerField(help_text="In the order in which they were made.")
    level = models.CharField(max_length=8, choices=Level)
    text = models.TextField()
    points = models.JSONField(help_text="What a right answer says, all of it.")
    quote = models.TextField(help_text="The sentence of the material that holds the answer.")
    state = models.CharField(max_length=16, choices=QuestionState, default=QuestionState.PREPARED)
    turn = models.PositiveIntegerField(null=True, help_text="It was asked as the first, the second …")
    asked_at = models.DateTimeField(null=True)
    answered_by = models.OneToOneField(
        TutoringMessage, on_delete=models.CASCADE, null=True, related_name="answers", help_text="The learner's message."
    )
    judged_by = models.CharField(max_length=100, blank=True, help_text="The model, or the rule.")
    evidence = models.TextField(blank=True, help_text="The learner's words that it was judged by, or what was wrong.")

    class Meta:
        ordering: ClassVar[list[str]] = ["session", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "number"], name="tutoring_question_numbered"),
            models.UniqueConstraint(fields=["session", "turn"], name="tutoring_question_asked_in_turn"),
            models.UniqueConstraint(fields=["session"], condition=Q(state="open"), name="tutoring_question_one_open"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class CurriculumDelivery(models.Model):
    """A completion that a remote curriculum is to be told (learning/tutoring/outbox.py). Its id is the key by which
    the other side knows it again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.OneToOneField(TutoringSession, on_delete=models.CASCADE, related_name="delivery")
    due_at = models.DateTimeField(default=timezone.now, db_index=True, help_text="Not before. Moved on by each try.")
    attempts = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True, help_text="What became of the last try.")

    class Meta:
        ordering: ClassVar[list[str]] = ["due_at", "id"]
        verbose_name_plural = "curriculum deliveries"
