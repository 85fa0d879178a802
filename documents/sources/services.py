"""What editors do to sources. The syncing itself is a worker's (documents/sources/syncing.py)."""

import shutil
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from documents.models import Collection, Source, SourceKind, SourceState
from documents.sources.errors import SourceError
from documents.sources.models import new_nonce
from documents.sources.pages import page_retire
from documents.sources.repository import repository_path
from documents.sources.syncing import place_of, reader_of
from users.audit import audit_record, audit_removal, audit_saved, state_of
from users.models import User
from utils.errors import Conflict, InvalidInput

_AUDITED = ("name", "slug", "kind", "location", "collection__slug", "interval", "enabled", "options")


def source_create(*, author: User | None = None, collection: Collection, **fields: Any) -> Source:
    """A new source, to be synced at once if it has an interval. Raises InvalidInput for a location that may not be."""
    source = Source(created_by=author, collection=collection, **fields)
    _check(source)
    if source.interval:
        source.next_sync_at = timezone.now()
    try:
        with transaction.atomic():
            source.save()
            audit_saved(actor=author, row=source, object_type="source", before={}, fields=_AUDITED)
    except IntegrityError:
        raise Conflict("There is a source of this slug already.", code="slug_taken") from None
    return source


def source_update(*, actor: User | None = None, source: Source, **fields: Any) -> None:
    """Change a source. What it reads is read anew then: with the next sync, which is due at once if it has an interval.

    Raises InvalidInput, and Conflict where the change would pull the ground from under a running sync.
    """
    for name, value in fields.items():
        setattr(source, name, value)
    reads_other = bool({"location", "options"} & fields.keys())
    if reads_other or "interval" in fields:
        _check(source)
    with transaction.atomic():
        before = state_of(source, _AUDITED)
        if reads_other:
            _assure_idle(source)
            source.last_read_whole_at = None
        if source.kind != SourceKind.HOOK and (reads_other or "interval" in fields or "enabled" in fields):
            source.next_sync_at = timezone.now() if source.interval and source.enabled else None
        source.save(update_fields=[*fields, "last_read_whole_at", "next_sync_at"])
        audit_saved(actor=actor, row=source, object_type="source", before=before, fields=_AUDITED)


def source_request_sync(*, source: Source, force: bool = False) -> None:
    """Let a worker sync it as soon as one is free. With ``force`` every page is read, and any number removed.

    Raises Conflict while a sync is running, and where there is nothing to sync.
    """
    if source.kind == SourceKind.HOOK:
        raise Conflict("This source only takes what its hook is given.", code="nothing_to_sync")
    if not source.enabled:
        raise Conflict("The source is disabled.", code="source_disabled")
    with transaction.atomic():
        _assure_idle(source)
        source.state, source.forced = SourceState.DUE, force
        source.save(update_fields=["state", "forced"])


@transaction.atomic
def source_rotate_secret(*, actor: User | None = None, source: Source) -> None:
    """Give the hook another secret; the one before is worth nothing from now on."""
    source.secret_nonce = new_nonce()
    source.save(update_fields=["secret_nonce"])
    audit_record(actor=actor, action="source.rotate_secret", object_type="source", object_id=str(source.pk))


def source_delete(*, actor: User | None = None, source: Source, with_documents: bool = False) -> None:
    """Remove a source. Its documents stay unless they are to go with it; those of another source stay anyway."""
    if with_documents:
        for page in source.pages.exclude(document=None):
            page_retire(page=page)
    with transaction.atomic():
        audit_removal(actor=actor, row=source, object_type="source", fields=_AUDITED)
        Source.objects.filter(pk=source.pk).delete()
    shutil.rmtree(repository_path(str(source.pk)), ignore_errors=True)


def _check(source: Source) -> None:
    if source.kind == SourceKind.HOOK:
        if source.location or source.interval:
            raise InvalidInput(
                "A source that only takes what its hook is given has no location and no interval.",
                errors={"kind": ["This kind has no location and no interval."]},
            )
        return
    try:
        reader_of(source.kind).check(place_of(source))
    except SourceError as error:
        raise InvalidInput(error.detail, code=error.code, errors={"location": [error.detail]}) from error


def _assure_idle(source: Source) -> None:
    """Raises Conflict while a worker is at work on it. Within a transaction."""
    held = Source.objects.select_for_update().filter(pk=source.pk, leased_until__gt=timezone.now())
    if held.exists():
        raise Conflict("The source is being synced now. Try again when that has ended.", code="sync_running")
