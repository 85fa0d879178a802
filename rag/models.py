"""What the database keeps for the indexes: the vectors, which cost money to make, and how far each index has come."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from documents.models import Document, Question


class Space(models.Model):
    """One vector space: what one embedder makes. Vectors of two spaces are never compared."""

    name = models.SlugField(max_length=100, unique=True)
    dimensions = models.PositiveIntegerField()
    unrelated = models.FloatField(default=0, help_text="Mean cosine of texts that have nothing to do with each other.")

    def __str__(self) -> str:
        return self.name

    def relatedness(self, cosine: float) -> float:
        """The cosine on a scale that all spaces share: 0 for unrelated texts, 1 for the same text.

        One model's unrelated texts have a cosine of 0.05, another's of 0.6; without this, no threshold and no weight
        against the other half of the search would hold for both.
        """
        return (cosine - self.unrelated) / (1 - self.unrelated)


class Vector(models.Model):
    """The vector of one text. Chunks find theirs by the text's hash, so an unchanged chunk keeps its vector."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="vectors")
    text_hash = models.BinaryField(max_length=32)
    data = models.BinaryField(help_text="16-bit floats, little endian, as many as the space has dimensions.")
    checksum = models.BigIntegerField(help_text="CRC-32 of text_hash and data: tells a vector that was damaged.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["space", "text_hash"], name="vector_unique_in_space"),
        ]

    def __str__(self) -> str:
        return f"{self.space_id}:{bytes(self.text_hash).hex()[:12]}"


class Cursor(models.Model):
    """How far an index that all machines share has followed the changes."""

    index = models.CharField(max_length=200, unique=True)
    lineage = models.CharField(max_length=32)
    revision = models.PositiveBigIntegerField()
    cleaned = models.PositiveBigIntegerField(default=0, help_text="What was withdrawn up to here has been removed.")
    home = models.CharField(max_length=100, blank=True, help_text="Where the database lived when it was written.")

    def __str__(self) -> str:
        return f"{self.index} at {self.revision}"


class QuestionRun(models.Model):
    """All golden questions asked once."""

    at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveBigIntegerField(help_text="Of the knowledge base when they were asked.")
    passed = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.passed} of {self.passed + self.failed} passed"


class QuestionResult(models.Model):
    """What came of one golden question in a run. It outlives the question."""

    run = models.ForeignKey(QuestionRun, on_delete=models.CASCADE, related_name="results")
    question = models.ForeignKey(Question, on_delete=models.SET_NULL, null=True, related_name="results")
    text = models.CharField(max_length=1000)
    passed = models.BooleanField()
    reason = models.TextField(blank=True, help_text="Why it failed.")
    sources = models.JSONField(default=list, help_text="What would be answered from, best first.")

    class Meta:
        ordering: ClassVar[list[str]] = ["passed", "text"]

    def __str__(self) -> str:
        return self.text


class Active(models.Model):
    """Which embedder and store are in use where these are not those of the settings. One row at most.

    A switch is one UPDATE of this row, which every process sees at its next use (rag/boundaries.py).
    """

    embedder = models.CharField(max_length=200, help_text="Dotted path of a class.")
    store = models.CharField(max_length=200, help_text="Dotted path of a class.")
    previous_embedder = models.CharField(max_length=200, blank=True, help_text="What was in use before: the way back.")
    previous_store = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.embedder}, {self.store}"


class Build(models.Model):
    """An index that is being built beside the one in use: whoever goes on after a stop begins here."""

    index = models.CharField(max_length=200, unique=True)
    lineage = models.CharField(max_length=32)
    revision = models.PositiveBigIntegerField(
        help_text="Where it began; what has changed since is taken in at the end."
    )
    last = models.CharField(max_length=64, blank=True, help_text="The chunks up to this id are in the index.")

    def __str__(self) -> str:
        return f"{self.index} after {self.last}"


DATABASE_PARTS = ("files", "passages", "vectors")
"""What is checked beside the indexes."""


class IndexCheck(models.Model):
    """What one check of one part has found and mended."""

    run = models.UUIDField(default=uuid.uuid4)
    index = models.CharField(max_length=200, help_text="One of DATABASE_PARTS or the name of an index.")
    claim = models.CharField(
        max_length=300, unique=True, null=True, blank=True, help_text="Of a nightly check: one worker makes it."
    )
    started = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True, blank=True)
    checked = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="How many faults of each kind were found.")
    repaired = models.PositiveBigIntegerField(default=0)
    report = models.JSONField(default=list, help_text="The first faults, one object each.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-started", "-id"]

    def __str__(self) -> str:
        return f"{self.index} at {self.started}"

    @property
    def faults(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Faults that are still there."""
        return self.faults - self.repaired


class KnowledgeGap(models.Model):
    """A question that the knowledge base could not answer, or not to the asker's content, and how often it came.

    Nobody is told who asked.
    """

    key = models.CharField(
        max_length=64, unique=True, help_text="Hash of the question's words and of what was searched."
    )
    question = models.CharField(max_length=1000, help_text="As it was asked first.")
    asker = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        help_text="Keyed hash of who asked it first: erases it with them, and tells nobody who that is.",
    )
    times = models.PositiveIntegerField(default=1, help_text="How often it was refused.")
    not_helpful = models.PositiveIntegerField(default=0, help_text="How many answers to it are rated as not helpful.")
    first_asked = models.DateTimeField(auto_now_add=True)
    last_asked = models.DateTimeField(default=timezone.now, db_index=True)
    confidence = models.FloatField(
        help_text="That the knowledge base holds the answer, when it was asked last; 0 to 1."
    )
    best_score = models.FloatField(help_text="Of the nearest passage; 0 where none was found.")
    nearest = models.JSONField(default=list, help_text="The nearest documents, best first: document_id and title.")
    collections = models.JSONField(default=list, help_text="Slugs of the collections that the askers could see.")
    document = models.ForeignKey(
        Document,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="gaps",
        help_text="What is being written for it. Once that is published, this is no gap any more.",
    )
    space = models.CharField(max_length=100, blank=True, help_text="Of its vector, or of what has none for it.")
    vector = models.BinaryField(
        null=True, help_text="16-bit floats: it is grouped by this (rag/gap_groups.py). Goes with its words."
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-times", "-last_asked", "id"]

    def __str__(self) -> str:
        return self.question


class Calibration(models.Model):
    """How answerable questions are told from others in this knowledge base, as fitted to its own questions."""

    space = models.CharField(max_length=100, blank=True, help_text="Of the embedder; empty: there was none.")
    ranking = models.CharField(max_length=32, help_text="Fingerprint of the ranking and the features it was fitted to.")
    revision = models.PositiveBigIntegerField(help_text="Of the knowledge base when it was fitted.")
    chunks = models.PositiveBigIntegerField(help_text="Published then.")
    weights = models.JSONField(help_text="Mode → name of a feature → weight.")
    questions = models.JSONField(default=dict, help_text="How many of each kind it was fitted to.")
    rates = models.JSONField(
        default=dict, help_text="Mode → false_refusals and false_answers, as shares; none where nothing tells."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.space or 'words alone'} at {self.revision}"
