"""What the database keeps for the indexes: the vectors, which cost money to make, and how far each index has come."""

from typing import ClassVar

from django.db import models

from documents.models import Question


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
