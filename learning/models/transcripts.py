"""What is said in videos, and when."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from documents.models import Version
from learning.models.courses import Video


class Transcript(models.Model):
    """When what of a version of a document is said in a video. The one that counts is that of the published version.

    The words are the document's, in the collection of the course; so history, rollback and who may see them are too.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="transcripts")
    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="transcript")
    segments = models.JSONField(
        help_text="[start, end, first, last] of each in their order: milliseconds, and offsets into the version's text."
    )
    estimated = models.BooleanField(default=False, help_text="It came without times: they are made of its length.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.video}, version {self.version.number}"
