"""What editors own: collections of documents, each a row of versions, the published one cut into chunks.

The database is the truth and every index is derived from it. ``Revision`` and ``Change`` are how the indexes follow:
each publish or withdrawal takes the next revision number and leaves one change behind.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from documents.sources.models import Source as Source
from documents.sources.models import SourceDelivery as SourceDelivery
from documents.sources.models import SourceKind as SourceKind
from documents.sources.models import SourcePage as SourcePage
from documents.sources.models import SourceRun as SourceRun
from documents.sources.models import SourceState as SourceState
from users.models import Role


class Visibility(models.TextChoices):
    PUBLIC = "public", "Everybody"
    MEMBERS = "members", "Registered users"
    ROLES = "roles", "Certain roles"
    INVITED = "invited", "Certain people"


class Masking(models.TextChoices):
    """What is masked in a collection's passages before they leave for a provider (rag/privacy/)."""

    OFF = "off", "Nothing"
    SECRETS = "secrets", "Keys, passwords, card, bank and identity numbers"
    ALL = "all", "E-mail addresses and phone numbers, too"


class Asker(models.TextChoices):
    """Who asks, as far as it matters for what may be seen."""

    VISITOR = "visitor", "Visitor without an account"
    USER = Role.USER.value, Role.USER.label
    STUDENT = Role.STUDENT.value, Role.STUDENT.label
    TEACHER = Role.TEACHER.value, Role.TEACHER.label
    EDITOR = Role.EDITOR.value, Role.EDITOR.label
    ADMIN = Role.ADMIN.value, Role.ADMIN.label


def roles_exist(value: object) -> None:
    """Raises ValidationError unless the value is a list of roles."""
    if not isinstance(value, list) or not set(map(str, value)) <= set(Role.values):
        raise ValidationError(f"A list of roles is wanted, of {', '.join(Role.values)}.")


class Collection(models.Model):
    """Documents that the same people may see."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    visibility = models.CharField(max_length=16, choices=Visibility, default=Visibility.MEMBERS)
    roles = models.JSONField(
        default=list,
        blank=True,
        validators=[roles_exist],
        help_text="Roles that see it, where the visibility is by role.",
    )
    masking = models.CharField(
        max_length=16,
        choices=Masking,
        default=Masking.OFF,
        help_text="Masked in its passages before they leave for a provider; answers show it all the same.",
    )
    masking_changed_at = models.DateTimeField(
        null=True, editable=False, help_text="A worker has yet to embed anew what the change of masking is about."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """That somebody may see a collection of certain people."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "collection"], name="invitation_unique_for_user"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class Category(models.Model):
    """A kind of document, named by the editors: FAQ, Guide, Policy …"""

    name = models.CharField(max_length=100)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name_plural = "categories"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="category_name_unique_without_case"),
        ]

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """One thing an editor looks after. What it says is in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="documents")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="documents")
    title = models.CharField(max_length=500)
    source_uri = models.CharField(max_length=500, help_text="Where it comes from: an address, a path or a file name.")
    metadata = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    published = models.OneToOneField(
        "Version", on_delete=models.SET_NULL, null=True, blank=True, related_name="published_in", editable=False
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["title", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # The same source indexed again is a new version, never a second document.
            models.UniqueConstraint(fields=["collection", "source_uri"], name="document_source_unique_in_collection"),
        ]

    def __str__(self) -> str:
        return self.title


class State(models.TextChoices):
    """The way of a version, in this order; it ends as a draft, quarantined, published, superseded or failed."""

    QUEUED = "queued", "Queued"
    LOADING = "loading", "Loading"
    SPLITTING = "splitting", "Splitting"
    EMBEDDING = "embedding", "Embedding"
    PUBLISHING = "publishing", "Publishing"
    QUARANTINED = "quarantined", "In quarantine"
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"
    FAILED = "failed", "Failed"


PENDING_STATES = (State.QUEUED, State.LOADING, State.SPLITTING, State.EMBEDDING, State.PUBLISHING)


class Job(models.Model):
    """What one request or command asked to index; its state is that of its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)


class Version(models.Model):
    """One state of a document's content. Its file, and once it is loaded its text, never change."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    jobs = models.ManyToManyField(Job, related_name="versions", editable=False)
    title = models.CharField(max_length=500, blank=True, help_text="Given by the editor, else found in the file.")
    file = models.FileField(upload_to="versions/", max_length=200, help_text="Named by its hash: equal files are one.")
    file_name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="Bytes of the file.")
    content_hash = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the file.")
    text = models.TextField(blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.TextField(blank=True)
    findings = models.JSONField(
        default=list, blank=True, help_text="What in it reads like instructions to a language model."
    )
    chunk_count = models.PositiveIntegerField(default=0)
    embedded_count = models.PositiveIntegerField(default=0, help_text="Chunks that have their vectors.")
    note = models.CharField(max_length=500, blank=True)
    publish = models.BooleanField(default=True, help_text="Publish it once it is indexed; else it stays a draft.")
    drafted = models.BooleanField(default=False, help_text="Its chunks are in the indexes, for editors only.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="A worker has it until then.")
    leased_by = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_unique_in_document"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["queued", "loading", "splitting", "embedding", "publishing"]),
                name="version_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"


class Release(models.Model):
    """A passage of a document, or a whole file, that an editor has released from quarantine, by its SHA-256."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="releases")
    digest = models.CharField(max_length=64, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["document", "digest"], name="release_unique_in_document"),
        ]

    def __str__(self) -> str:
        return self.digest


def chunk_id(document: uuid.UUID, version: int, position: int) -> str:
    """The same content cut the same way has the same ids, whichever worker does it."""
    return f"{document.hex}:{version}:{position}"


class Chunk(models.Model):
    """A passage of a version: ``version.text[start:end] == text``, always."""

    id = models.CharField(primary_key=True, max_length=64, editable=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    start = models.PositiveIntegerField(help_text="Offset of the first character in the version's text.")
    end = models.PositiveIntegerField(help_text="Offset after the last character.")
    text = models.TextField()
    heading = models.CharField(max_length=1000, blank=True, help_text='The headings above it, joined by " > ".')
    page = models.PositiveIntegerField(null=True, blank=True)
    tokens = models.PositiveIntegerField()
    embedding_hash = models.BinaryField(max_length=32, help_text="SHA-256 of the text that is embedded for it.")

    class Meta:
        ordering: ClassVar[list[str]] = ["version", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["version", "position"], name="chunk_position_unique_in_version"),
        ]

    def __str__(self) -> str:
        return self.id


class Question(models.Model):
    """A golden question: what the knowledge base must answer from certain documents, or must refuse to answer.

    A change that would make one fail is not published (documents/gate.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text = models.CharField(max_length=1000, unique=True)
    must_refuse = models.BooleanField(default=False, help_text="The knowledge base must say that it does not know.")
    documents = models.ManyToManyField(
        Document, related_name="questions", blank=True, help_text="Each of them must be among what is answered from."
    )
    asked_by = models.CharField(
        max_length=16, choices=Asker, default=Asker.USER, help_text="What this asker may see is searched."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["text"]

    def __str__(self) -> str:
        return self.text


class Revision(models.Model):
    """The number of the last change to what is published: one row, locked while a change is made.

    The lock makes the numbers become visible in their order, so whoever has followed to N has missed nothing below.
    """

    number = models.PositiveBigIntegerField(default=0)
    lineage = models.UUIDField(default=uuid.uuid4, help_text="Another one in every database.")


class Change(models.Model):
    """One entry of the feed that the indexes follow."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    revision = models.PositiveBigIntegerField(db_index=True)
    kind = models.CharField(max_length=16, choices=Kind)
    document = models.UUIDField(help_text="Not a foreign key: the document may be gone.")
    version = models.PositiveIntegerField()
    chunk_count = models.PositiveIntegerField(help_text="The version's chunks have the positions 0 to this, without.")

    class Meta:
        ordering: ClassVar[list[str]] = ["revision", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["document", "version", "revision"], name="change_of_version"),
        ]
