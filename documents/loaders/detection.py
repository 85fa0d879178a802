"""What kind of file this is, by its content."""

import io
import re
import zipfile
from typing import Literal

from documents.errors import BrokenFile, EncryptedFile, UnknownFileType
from documents.loaders.charset import bom_encoding

FileType = Literal["pdf", "docx", "html", "markdown", "text"]

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(r"\s*<(?:.*?<)??(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-z][a-z0-9]*[\s/>]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
_MARKDOWN_ENDINGS = (".md", ".markdown", ".mdown", ".mkd", ".mdx")

_SUPPORTED = "PDF, Word (.docx), HTML, Markdown and plain text can be read."


def detect(data: bytes, name: str) -> FileType:
    """The name decides only between Markdown and plain text, and where the content alone is not clear.

    Raises UnknownFileType, and BrokenFile or EncryptedFile where that much can be told already.
    """
    name = name.lower()
    head = data[:_HEAD]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-") or (name.endswith(".pdf") and b"%PDF-" in head[:1024]):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _detect_in_archive(data)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise EncryptedFile
        raise UnknownFileType(f"This is a file of an older Office program. {_SUPPORTED}")
    if head.startswith(b"{\\rtf"):
        raise UnknownFileType(f"This is a Rich Text file. {_SUPPORTED}")
    return _detect_in_text(data, name)


def _detect_in_archive(data: bytes) -> FileType:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile as error:
        raise BrokenFile("The file is damaged or incomplete: it cannot be unpacked.") from error
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return "docx"
    raise UnknownFileType(f"This is a ZIP archive or a file of another program. {_SUPPORTED}")


def _detect_in_text(data: bytes, name: str) -> FileType:
    encoding = bom_encoding(data)
    if encoding is None and b"\0" in data:
        raise UnknownFileType(f"The file holds binary data. {_SUPPORTED}")
    head = data[:_HEAD].decode(encoding or "latin-1", "ignore")
    if len(_CONTROL.findall(head)) > len(head) / 50:
        raise UnknownFileType(f"The file holds binary data. {_SUPPORTED}")
    if _HTML.match(head) or (name.endswith((".html", ".htm", ".xhtml")) and _TAG.search(head)):
        return "html"
    return "markdown" if name.endswith(_MARKDOWN_ENDINGS) else "text"
