"""Mails as Outlook saves them (.msg). The layout is Microsoft's [MS-OXMSG]."""

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import olefile

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.html import html_blocks
from documents.loaders.mail import mail_blocks
from documents.loaders.text import text_blocks

# Properties by number ([MS-OXPROPS]).
_SUBJECT, _BODY, _HTML = "0037", "1000", "1013"
_SENDER, _SENDER_ADDRESS, _TO, _CC = "0C1A", "5D01", "0E04", "0E03"
_FILE_NAMES, _CONTENT = ("3707", "3704"), "3701"
_TIMES = (0x0039, 0x0E06)
"""When it was sent, when it came."""
_CODE_PAGES = (0x3FDE, 0x3FFD)

_PROPERTIES = "__properties_version1.0"
_HEADER = 32
_PROPERTY = struct.Struct("<HHI8s")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


class OutlookLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        with olefile.OleFileIO(data) as container:
            mail = _Mail(container)
            subject = mail.text(_SUBJECT)
            sender, address = mail.text(_SENDER), mail.text(_SENDER_ADDRESS)
            fields = {
                "From": f"{sender} <{address}>" if address and address != sender else sender,
                "To": mail.text(_TO),
                "Cc": mail.text(_CC),
                "Date": mail.sent(),
            }
            blocks = mail_blocks(subject, fields, _body(mail), mail.attachments())
            return LoadedDocument(subject, tuple(blocks))


def _body(mail: "_Mail") -> Iterable[Block]:
    if text := mail.text(_BODY).strip():
        return text_blocks(text)
    html = mail.binary(_HTML)
    return html_blocks(decode(html, mail.encoding) if html else mail.text(_HTML))


class _Mail:
    def __init__(self, container: Any) -> None:
        self._container = container
        self._numbers = dict(self._fixed())
        page = next(
            (int.from_bytes(self._numbers[key][:4], "little") for key in _CODE_PAGES if key in self._numbers), 0
        )
        self.encoding = "utf-8" if page == 65001 else f"cp{page}"

    def text(self, number: str, folder: str = "") -> str:
        """A property of text: either in UTF-16 or in the mail's code page."""
        if wide := self._stream(f"{folder}__substg1.0_{number}001F"):
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return decode(self._stream(f"{folder}__substg1.0_{number}001E"), self.encoding).rstrip("\0")

    def binary(self, number: str, folder: str = "") -> bytes:
        return self._stream(f"{folder}__substg1.0_{number}0102")

    def sent(self) -> str:
        for number in _TIMES:
            with suppress(KeyError, OverflowError):
                ticks = int.from_bytes(self._numbers[number], "little")
                return f"{_EPOCH + timedelta(microseconds=ticks // 10):%Y-%m-%d %H:%M} UTC"
        return ""

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """Name and content. A mail that is attached is stored in parts and is passed over."""
        folders = {entry[0] for entry in self._container.listdir() if entry[0].startswith("__attach_version1.0_")}
        for folder in sorted(folders):
            name = next(filter(None, (self.text(number, f"{folder}/") for number in _FILE_NAMES)), "Attachment")
            if content := self.binary(_CONTENT, f"{folder}/"):
                yield name, content

    def _stream(self, path: str) -> bytes:
        found: bytes = self._container.openstream(path).read() if self._container.exists(path) else b""
        return found

    def _fixed(self) -> Iterator[tuple[int, bytes]]:
        """Properties of a fixed size: number and value."""
        data = self._stream(_PROPERTIES)[_HEADER:]
        for _, number, _, value in _PROPERTY.iter_unpack(data[: len(data) // _PROPERTY.size * _PROPERTY.size]):
            yield number, value
