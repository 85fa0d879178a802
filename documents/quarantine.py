"""Versions that try to instruct the model: set aside when they are read, and released or discarded by an editor.

What an editor has released stays released: the same passages in the same document, and the same file anywhere.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from documents.feed import announce, revision_lock
from documents.models import Change, Chunk, Document, Release, State, Version
from documents.screening.screening import Finding, metadata_text, screen
from users.audit import audit_record
from users.models import User
from utils.errors import Conflict

CODE = "quarantined"
_LIBRARY = Path(__file__).parent / "library"


class Quarantined(Conflict):
    """An editor has yet to look at what was found in the version."""

    code = CODE
    title = "The version is in quarantine"

    def __init__(self, version: Version) -> None:
        super().__init__(
            "Something in this version reads like instructions to a language model. Look at the findings, "
            "then release or discard it.",
            members={"findings": version.findings},
        )


def versions_suspicious(versions: Collection[Version]) -> dict[Version, list[Finding]]:
    """What is found in the text, title and metadata of versions that have been loaded, released passages aside.

    Versions in which nothing is found are left out.
    """
    if not settings.QUARANTINE:
        return {}
    documents = Document.objects.in_bulk([version.document_id for version in versions])
    hashes = {version.content_hash for version in versions}
    files = set(Release.objects.filter(digest__in=hashes).values_list("digest", flat=True)) | _bundled()
    released = set(Release.objects.filter(document__in=documents).values_list("document", "digest"))
    suspicious = {}
    for version in versions:
        if version.document_id in documents:
            found = _found(version, documents[version.document_id], text_released=version.content_hash in files)
            left = [finding for finding in found if (version.document_id, finding.digest) not in released]
            if left:
                suspicious[version] = left
    return suspicious


def _found(version: Version, document: Document, *, text_released: bool) -> Sequence[Finding]:
    said = {
        "title": version.title,
        "file_name": Path(version.file_name).stem,
        "source_uri": document.source_uri,
        "metadata": metadata_text(document.metadata),
    }
    parts = {part: text for text, part in {text: part for part, text in reversed(said.items())}.items()}
    return screen(text="" if text_released else version.text, **parts)


@cache
def _bundled() -> frozenset[str]:
    """Hashes of the handbook's pages, some of which describe attacks."""
    return frozenset(hashlib.sha256(page.read_bytes()).hexdigest() for page in _LIBRARY.glob("*/*.md"))


def versions_quarantine(*, suspicious: Mapping[Version, Sequence[Finding]], worker: str) -> None:
    """Set versions aside that the worker holds; what is published of their documents stays as it is."""
    with transaction.atomic():
        revision = revision_lock()
        held = Version.objects.filter(pk__in=[version.pk for version in suspicious], leased_by=worker)
        drafted = dict(held.values_list("pk", "drafted"))
        for version, findings in suspicious.items():
            if version.pk not in drafted:
                continue
            Chunk.objects.filter(version=version.pk).delete()
            if drafted[version.pk]:
                announce([(Change.Kind.WITHDRAWN, version)], revision)
            Version.objects.filter(pk=version.pk).update(
                state=State.QUARANTINED,
                text=version.text,
                title=version.title,
                chunk_count=0,
                drafted=False,
                findings=[finding.as_json() for finding in findings],
                error_code=CODE,
                error_detail=_told(findings),
                leased_until=None,
                leased_by="",
            )


def _told(findings: Sequence[Finding]) -> str:
    first = findings[0]
    more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    where = f"{first.part.replace('_', ' ')} at {first.start}" if first.part == "text" else first.part
    excerpt = " ".join(first.excerpt.split())[:120]
    return (
        f"It reads like instructions to a language model: “{excerpt}” ({', '.join(first.techniques)}; {where}){more}."
    )


def in_quarantine(version: Version) -> bool:
    """Whether the version was set aside and has not been released."""
    return version.error_code == CODE


def version_release(*, version: Version, author: User) -> Version:
    """Trust what was found in the version from now on, and have it indexed and published. On record."""
    with transaction.atomic():
        revision_lock()
        version = Version.objects.select_for_update().defer("text").get(pk=version.pk)
        if in_quarantine(version):
            digests = {finding["digest"] for finding in version.findings} | {version.content_hash}
            Release.objects.bulk_create(
                [Release(document_id=version.document_id, digest=d, created_by=author) for d in sorted(digests)],
                ignore_conflicts=True,
            )
            found = sorted({technique for finding in version.findings for technique in finding["techniques"]})
            audit_record(
                actor=author,
                action="version.release",
                object_type="document",
                object_id=str(version.document_id),
                detail={"version": version.number, "techniques": found},
            )
            version.state, version.publish, version.attempts = State.QUEUED, True, 0
            version.error_code = version.error_detail = ""
            version.save(update_fields=["state", "publish", "attempts", "error_code", "error_detail"])
    return version
