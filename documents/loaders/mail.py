"""Mails (.eml): who wrote to whom and when, the text, and the files attached."""

import logging
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

from documents.blocks import Block, LoadedDocument
from documents.errors import LoadError
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.html import html_blocks
from documents.loaders.rendering import list_text, under_heading
from documents.loaders.text import text_blocks
from documents.reading import read_inside

logger = logging.getLogger(__name__)
MAX_ATTACHMENTS = 50
_FIELDS = ("From", "To", "Cc", "Date")


class MailLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        message = message_from_bytes(data, policy=policy.default)
        subject = _field(message, "Subject")
        blocks = mail_blocks(
            subject, {field: _field(message, field) for field in _FIELDS}, _body(message), _attachments(message)
        )
        return LoadedDocument(subject, tuple(blocks))


def mail_blocks(
    subject: str, fields: dict[str, str], body: Iterable[Block], attachments: Iterable[tuple[str, bytes]]
) -> Iterator[Block]:
    """A mail, wherever it comes from. Attachments that cannot be read are passed over."""
    if subject:
        yield Block("heading", subject, level=1)
    yield Block("list", list_text(f"{name}: {value}" for name, value in fields.items() if value))
    yield from body
    for position, (name, content) in enumerate(attachments):
        if position == MAX_ATTACHMENTS:
            logger.info("A mail has more attachments than are read")
            return
        try:
            yield from under_heading(name, read_inside(content, name).blocks, level=2)
        except LoadError as error:
            logger.info("An attachment is passed over: %s (%s)", name, error.code)


def _field(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message[name] or "").split())
    except Exception:  # the standard library stumbles over some malformed fields
        raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
        return " ".join(str(raw).split())


def _body(message: EmailMessage) -> Iterable[Block]:
    part = message.get_body(preferencelist=("plain", "html"))
    if not isinstance(part, EmailMessage):
        return []
    payload = part.get_payload(decode=True)
    text = decode(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""
    return html_blocks(text) if part.get_content_subtype() == "html" else text_blocks(text)


def _attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.iter_parts() if message.is_multipart() else [message]:
        if not isinstance(part, EmailMessage):
            continue
        name = part.get_filename()
        if part.get_content_type() == "message/rfc822":
            # What is within an attached mail is that mail's affair.
            inner = part.get_payload(0)
            if isinstance(inner, EmailMessage):
                yield name or f"{_field(inner, 'Subject') or 'Mail'}.eml", inner.as_bytes()
        elif part.get_content_maintype() == "multipart":
            yield from _attachments(part)
        elif name:
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield name, payload
