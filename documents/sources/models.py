"""Where documents come from by themselves: sources, their pages, and what each sync and each hook did."""

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class SourceKind(models.TextChoices):
    FOLDER = "folder", "Folder"
    WEBSITE = "website", "Website"
    GIT = "git", "Git repository"
    HOOK = "hook", "Webhook only"


class SourceState(models.TextChoices):
    IDLE = "idle", "Idle"
    DUE = "due", "Due"
    SYNCING = "syncing", "Syncing"
    FAILED = "failed", "Failed"


def new_nonce() -> str:
    return secrets.token_hex(16)


class Source(models.Model):
    """A place that is read again and again, so that the knowledge base says what it says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    kind = models.CharField(max_length=16, choices=SourceKind)
    location = models.CharField(max_length=400, blank=True, help_text="A path or an address; none for a hook.")
    collection = models.ForeignKey("documents.Collection", on_delete=models.PROTECT, related_name="sources")
    category = models.ForeignKey(
        "documents.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    options = models.JSONField(default=dict, blank=True)
    interval = models.PositiveIntegerField(null=True, blank=True, help_text="Minutes between two syncs; none: by hand.")
    enabled = models.BooleanField(default=True)
    secret_nonce = models.CharField(
        max_length=32, default=new_nonce, help_text="The hook's secret is derived from it and the server's own key."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    state = models.CharField(max_length=16, choices=SourceState, default=SourceState.IDLE)
    forced = models.BooleanField(default=False, help_text="The next sync reads everything, and removes however much.")
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.TextField(blank=True)
    last_synced_at = models.DateTimeField(null=True, blank=True, help_text="When a sync last came to its end.")
    last_read_whole_at = models.DateTimeField(null=True, blank=True, help_text="When one last asked for every page.")
    next_sync_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="A worker has it until then.")
    leased_by = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class SourcePage(models.Model):
    """A page as it was when it was last taken in."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="pages")
    uri = models.CharField(max_length=500)
    document = models.ForeignKey(
        "documents.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="source_pages",
        help_text="None: there is nothing to keep in it, or an editor has deleted the document.",
    )
    content_hash = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=100, blank=True)
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    pushed = models.BooleanField(default=False, help_text="Came by the hook, and no sync has met it yet.")
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "uri"], name="source_page_unique_in_source"),
        ]


class SourceRun(models.Model):
    """What one sync did, counted in pages."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0, help_text="Not to be kept, or of no type that can be read.")
    failed = models.PositiveIntegerField(default=0)
    failures = models.JSONField(default=list, blank=True, help_text="The first of the pages that failed, and why.")
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "-id"]


class SourceDelivery(models.Model):
    """A message that came by a hook. Its row is what makes the same message, sent again, do nothing."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "message_id"], name="source_delivery_taken_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "received_at"], name="source_delivery_age"),
        ]
