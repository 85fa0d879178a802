"""The webhook of a source: one document at a time, created, updated or deleted by whoever looks after it.

Messages are signed as Standard Webhooks says (standardwebhooks.com), for which there are libraries in every language.
"""

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from documents.loading import check
from documents.models import Document, Source, SourceDelivery
from documents.sources.base import Changed, Mark
from documents.sources.pages import page_retire, pages_take
from utils.errors import Conflict, NotAuthenticated

TOLERANCE = 5 * 60
"""Seconds by which a message's time may differ from ours."""
REMEMBERED = timedelta(days=30)
"""So long a message is known again. Senders that follow the standard give up after days."""
_PREFIX = "whsec_"
_ENDINGS = {"text/html": ".html", "text/plain": ".txt", "application/pdf": ".pdf"}

Status = Literal["accepted", "unchanged", "deleted", "duplicate"]


@dataclass(frozen=True, slots=True)
class Delivered:
    status: Status
    document: Document | None = None


def secret_of(source: Source) -> str:
    """The secret that the source's messages are signed with.

    It is kept nowhere: it follows from the server's SECRET_KEY and a random value of the source. So whoever reads the
    database alone, or a backup of it, cannot sign; and another SECRET_KEY makes other secrets.
    """
    return _PREFIX + base64.b64encode(_key(str(source.pk), source.secret_nonce)).decode()


def _key(source: str, nonce: str) -> bytes:
    return salted_hmac("documents.sources.hooks", f"{source}:{nonce}", algorithm="sha256").digest()


def signature(*, key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """What ``webhook-signature`` has to hold for a message."""
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def message_verify(*, source_id: UUID, headers: Mapping[str, str], body: bytes) -> tuple[Source, str]:
    """The source that signed the message, and the message's id.

    Raises NotAuthenticated, in the same words for a source that does not exist and for a signature that is wrong.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "").split()[:10]
    if not (message_id and timestamp and signatures):
        raise NotAuthenticated(
            "The headers webhook-id, webhook-timestamp and webhook-signature are needed.", code="signature_missing"
        )
    if not timestamp.isdecimal() or abs(int(timestamp[:15]) - time.time()) > TOLERANCE:
        raise NotAuthenticated(
            "The message's time differs from the server's by more than five minutes.", code="signature_expired"
        )
    source = Source.objects.select_related("collection", "category").filter(pk=source_id).first()
    key = _key(str(source_id), source.secret_nonce if source else "")
    wanted = signature(key=key, message_id=message_id, timestamp=timestamp, body=body).encode()
    is_right = any([hmac.compare_digest(wanted, given.encode()) for given in signatures])  # noqa: C419 - all, always
    if source is None or not is_right or len(message_id) > 200:
        raise NotAuthenticated("The signature is not that of this source.", code="signature_invalid")
    return source, message_id


@transaction.atomic
def page_push(
    *,
    source: Source,
    message_id: str,
    uri: str,
    data: bytes,
    title: str = "",
    file_name: str = "",
    content_type: str = "",
) -> Delivered:
    """Take a document in, or a new state of it. Raises LoadError, and Conflict for somebody else's document."""
    if not _remember(source, message_id):
        return Delivered("duplicate")
    name = file_name or _file_name(uri, content_type)
    check(data, name)
    page = source.pages.select_related("document").filter(uri=uri).first()
    known = page.document if page else None
    if known is None and Document.objects.filter(collection=source.collection, source_uri=uri).exists():
        raise Conflict("The collection holds a document of this uri that is not the source's.", code="source_taken")
    newest = known.versions.order_by("-number").values_list("pk", flat=True).first() if known else None
    changed = Changed(uri, name, data, Mark(), title)
    document = pages_take(source=source, pages=[changed], pushed=page is None or page.pushed)[uri]
    is_new = document.versions.order_by("-number").values_list("pk", flat=True).first() != newest
    return Delivered("accepted" if is_new else "unchanged", document)


@transaction.atomic
def page_withdraw(*, source: Source, message_id: str, uri: str) -> Delivered:
    """Delete a document of the source; one that is not there is gone already."""
    if not _remember(source, message_id):
        return Delivered("duplicate")
    page = source.pages.filter(uri=uri).first()
    if page is None:
        return Delivered("unchanged")
    page_retire(page=page)
    return Delivered("deleted")


def _remember(source: Source, message_id: str) -> bool:
    """Whether the message is new. Its row stands and falls with what the message does."""
    if not source.enabled:
        raise Conflict("The source is disabled.", code="source_disabled")
    now = timezone.now()
    source.deliveries.filter(received_at__lt=now - REMEMBERED).delete()
    try:
        with transaction.atomic():
            SourceDelivery.objects.create(source=source, message_id=message_id, received_at=now)
    except IntegrityError:
        return False
    return True


def _file_name(uri: str, content_type: str) -> str:
    """What has no name of its own is Markdown, which plain text is as well."""
    name = PurePosixPath(uri.partition("?")[0].partition("#")[0]).name[-200:] or "document"
    ending = _ENDINGS.get(content_type.partition(";")[0].strip().lower(), ".md")
    return name if PurePosixPath(name).suffix.lower() in (*_ENDINGS.values(), ".md", ".htm", ".docx") else name + ending


def decoded(text: str) -> bytes:
    """Raises ValueError for what is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
