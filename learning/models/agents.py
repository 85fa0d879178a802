"""What learners want of the agents, and what these have done for them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models import Rating
from learning.models.courses import Topic, Video


class Personality(models.TextChoices):
    FRIENDLY = "friendly"
    PROFESSIONAL = "professional"
    PEER = "peer"


class Length(models.TextChoices):
    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


class QuizFrequency(models.TextChoices):
    """How often a player should offer a quiz by itself. Whoever asks for one gets it."""

    NEVER = "never"
    SELDOM = "seldom"
    OFTEN = "often"


class Preferences(models.Model):
    """How a learner wants to be spoken to. Made when something is changed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="learning_preferences"
    )
    personality = models.CharField(max_length=16, choices=Personality, default=Personality.FRIENDLY)
    length = models.CharField(max_length=8, choices=Length, default=Length.MEDIUM)
    quiz_frequency = models.CharField(max_length=8, choices=QuizFrequency, default=QuizFrequency.SELDOM)
    language = models.CharField(
        max_length=16, blank=True, help_text="What a model writes in, such as en or pt-BR; empty: as the video has it."
    )

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"Preferences of {self.user}"


class Agent(models.TextChoices):
    HINT = "hint"
    QUIZ = "quiz"
    REFLECT = "reflect"
    PATH = "path"


class Interaction(models.Model):
    """What an agent has answered, and what came of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent_interactions")
    agent = models.CharField(max_length=8, choices=Agent)
    video = models.ForeignKey(Video, on_delete=models.SET_NULL, null=True, related_name="interactions")
    topic = models.ForeignKey(Topic, on_delete=models.SET_NULL, null=True, related_name="interactions")
    output = models.JSONField(help_text="As it was answered.")
    model = models.CharField(max_length=100, help_text="What wrote it; extractive: no model.")
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    duration_ms = models.PositiveIntegerField()
    cached = models.BooleanField(default=False, help_text="It was written for the same request before.")
    at = models.DateTimeField(default=timezone.now)
    chosen = models.PositiveSmallIntegerField(null=True, help_text="Of a quiz: the option that was chosen first.")
    correct = models.BooleanField(null=True, help_text="Of a quiz: whether that was right.")
    answered_at = models.DateTimeField(null=True)
    rating = models.CharField(max_length=16, choices=Rating, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-at"], name="interaction_of_user"),
            models.Index(fields=["topic", "at"], name="interaction_of_topic"),
            models.Index(fields=["at"], name="interaction_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} for {self.user}"
