"""Courses: modules of topics, with videos; and what learners think of them."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from documents.models import Collection


class Difficulty(models.TextChoices):
    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class CourseState(models.TextChoices):
    DRAFT = "draft"
    APPROVED = "approved"


def objectives_valid(value: object) -> None:
    """Raises ValidationError unless the value is a list of texts."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValidationError("A list of texts is wanted.")


class Course(models.Model):
    """A draft is seen by its instructor and by admins alone."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=100, blank=True, db_index=True)
    difficulty = models.CharField(max_length=8, choices=Difficulty, default=Difficulty.EASY)
    price = models.DecimalField(max_digits=9, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(0)])
    state = models.CharField(max_length=16, choices=CourseState, default=CourseState.DRAFT)
    instructor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="courses_taught",
        help_text="Nobody, once their account is gone.",
    )
    collection = models.OneToOneField(
        Collection,
        on_delete=models.PROTECT,
        null=True,
        related_name="course",
        help_text="Its material in the knowledge base, which its members may search.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["title", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "difficulty"], name="course_by_difficulty"),
            models.Index(fields=["instructor", "state"], name="course_of_instructor"),
        ]

    def __str__(self) -> str:
        return self.title


class Module(models.Model):
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0, help_text="The smallest comes first.")

    class Meta:
        ordering: ClassVar[list[str]] = ["course", "position", "id"]

    def __str__(self) -> str:
        return self.title


class Topic(models.Model):
    """What is taught, and mastered, as one."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="topics")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    learning_objectives = models.JSONField(
        default=list, blank=True, validators=[objectives_valid], help_text="What whoever has mastered it can do."
    )
    prompt_template = models.TextField(
        blank=True,
        help_text="What the tutor is told besides; {topic}, {course}, {level} and {objectives} are filled in.",
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="The smallest comes first.")

    class Meta:
        ordering: ClassVar[list[str]] = ["module", "position", "id"]

    def __str__(self) -> str:
        return self.title


class Video(models.Model):
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="videos")
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True)
    duration_seconds = models.PositiveIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0, help_text="The smallest comes first.")

    class Meta:
        ordering: ClassVar[list[str]] = ["topic", "position", "id"]

    def __str__(self) -> str:
        return self.title


class Rating(models.Model):
    """What a member thinks of a course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="ratings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="course_ratings")
    stars = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    comment = models.TextField(blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["course", "stars"], name="rating_of_course")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["course", "user"], name="rating_unique_for_course_and_user"),
            models.CheckConstraint(condition=models.Q(stars__gte=1, stars__lte=5), name="rating_of_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} stars"
