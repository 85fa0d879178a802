"""The trail of who did what, and what is noted of erasures."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Somebody did something to an object. Entries form a chain (users/audit_chain.py) and are never changed, but that
    what tells of a person may be blanked (users/audit.py); the database refuses everything else (users/audit_guard.py).

    Its id is its place in the chain, from 1, without gaps.
    """

    at = models.DateTimeField()
    action = models.CharField(max_length=64, db_index=True)
    object_type = models.CharField(max_length=64)

    # Who. Blanked together, where the actor is forgotten.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        help_text="A plain number to the database: it outlives the account until that is erased.",
    )
    actor_name = models.CharField(max_length=150, blank=True, help_text="Empty: the system.")
    address = models.CharField(max_length=45, blank=True, help_text="Of the client; of IPv6 the network.")
    request_id = models.CharField(max_length=128, blank=True)
    actor_salt = models.CharField(max_length=32, blank=True, help_text="Empty: this part has been blanked.")
    actor_digest = models.CharField(max_length=64)
    actor_removal = models.UUIDField(null=True, help_text="Of the entry that says why this part was blanked.")

    # What. Blanked together, where it tells of an account that is forgotten.
    object_id = models.CharField(max_length=64, blank=True, db_index=True)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        help_text="The account of which this part tells.",
    )
    detail = models.JSONField(default=dict)
    before = models.JSONField(null=True, help_text="What was changed, as it was.")
    after = models.JSONField(null=True, help_text="What was changed, as it is since.")
    object_salt = models.CharField(max_length=32, blank=True, help_text="Empty: this part has been blanked.")
    object_digest = models.CharField(max_length=64)
    object_removal = models.UUIDField(null=True, help_text="Of the entry that says why this part was blanked.")

    hash = models.CharField(max_length=64, help_text="Over this entry and the hash of the one before.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.object_id}"


class AuditHead(models.Model):
    """The last entry of the audit trail: one row, locked while one is added, so that parallel writers make one chain.

    Its seal tells that entries were cut off the end.
    """

    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)


class ErasureState(models.TextChoices):
    PENDING = "pending", "Asked for"
    OUTSIDE = "outside", "Gone from the database, not yet from caches"
    DONE = "done", "Done"


class Erasure(models.Model):
    """An account that is to be erased, or has been (users/erasing.py). When it is done nothing here tells whose it was.

    The row is there before anything is removed, so that whoever is killed in between has left a note for the next one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.PositiveBigIntegerField(null=True, help_text="Until it is gone. No foreign key: it goes first.")
    actor_id = models.PositiveBigIntegerField(null=True, help_text="Who asked for it, if not its owner; until then.")
    mark = models.CharField(max_length=64, db_index=True, help_text="By which it is known in a restored backup.")
    state = models.CharField(max_length=8, choices=ErasureState, default=ErasureState.PENDING)
    asked_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["asked_at"], condition=~models.Q(state="done"), name="erasure_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.state})"
