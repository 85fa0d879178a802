"""What kind of file this is, by its content."""

import json
import re
import zipfile
from pathlib import PurePosixPath
from typing import Literal

from documents.errors import BrokenFile, EncryptedFile, LoadError, TypeMismatch, UnknownFileType
from documents.loaders.archive_safety import list_archive
from documents.loaders.charset import bom_encoding

FileType = Literal[
    "pdf", "docx", "doc", "pptx", "ppt", "xlsx", "xls", "odt", "ods", "odp", "rtf", "epub", "html", "markdown", "rst",
    "text", "csv", "json", "eml", "msg", "ipynb", "subtitles", "zip",
]  # fmt: skip

# Endings that promise a type. Of these, only those of text decide anything; the others say what is missed.
_TEXT_ENDINGS: dict[str, FileType] = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown", ".mdx": "markdown",
    ".rst": "rst", ".rest": "rst", ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".json": "json", ".jsonl": "json",
    ".ndjson": "json", ".geojson": "json", ".ipynb": "ipynb", ".eml": "eml",
    ".srt": "subtitles", ".vtt": "subtitles",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".txt": "text", ".text": "text", ".log": "text",
}  # fmt: skip
_OTHER_ENDINGS = frozenset(
    ".pdf .docx .docm .dotx .dotm .doc .dot .pptx .pptm .ppsx .ppsm .potx .potm .ppt .pps .xlsx .xlsm .xltx .xltm .xls "
    ".xlt .odt .ott .ods .odp .rtf .epub .msg .zip".split()
)

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04")
_HTML = re.compile(r"\s*<(?:.*?<)??(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-z][a-z0-9]*[\s/>]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
_MAIL_FIELD = re.compile(r"(?:From .*\n)?((?:[!-9;-~]+:(?:[ \t].*)?\n(?:[ \t].*\n)*)+)(?:\n|\Z)")
_MAIL_NAME = re.compile(r"^([!-9;-~]+):", re.MULTILINE)
_JSON = re.compile(r'\s*[\[{]\s*["\[{\]}\d-]')
_JSON_TRIED = 1_000_000
_SUBTITLES = re.compile(r"WEBVTT(?:[ \t].*)?\n|\s*\d+[ \t]*\n\d{2}:\d{2}:\d{2},\d{3} --> \d{2}:")

_SUPPORTED = "Word, Excel, PowerPoint, PDF, HTML, Markdown, text, mail and e-book files can be read."


def detect(data: bytes, name: str) -> FileType:
    """The name decides only between kinds of text, and where the content alone is not clear.

    Raises UnknownFileType or TypeMismatch, and BrokenFile or EncryptedFile where that much can be told already.
    """
    ending = PurePosixPath(name.lower().replace("\\", "/")).suffix
    head = data[:_HEAD]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-") or (ending == ".pdf" and b"%PDF-" in head[:1024]):
        return "pdf"
    if data.startswith(_ZIP):
        return _detect_in_archive(data)
    if data.startswith(_OLE):
        return _detect_in_ole(data)
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    encoding = bom_encoding(data)
    text = head.decode(encoding or "latin-1", "ignore").lstrip("\ufeff")
    if (encoding is None and b"\0" in data) or len(_CONTROL.findall(text)) > len(text) / 50:
        raise _binary(ending)
    return _detect_in_text(text.replace("\r\n", "\n"), data, ending)


def _binary(ending: str) -> LoadError:
    if ending in _TEXT_ENDINGS:
        return TypeMismatch(f"The file is named {ending} but holds binary data, no text.")
    if ending in _OTHER_ENDINGS:
        return TypeMismatch(f"The file is named {ending} but its content is of another type, or damaged.")
    return UnknownFileType(f"The file is of a type that cannot be read. {_SUPPORTED}")


def _detect_in_archive(data: bytes) -> FileType:
    archive = list_archive(data)
    names = {name.lower() for name in archive.namelist()}
    if "[content_types].xml" in names:
        folders: tuple[tuple[str, FileType], ...] = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
        for folder, file_type in folders:
            if any(name.startswith(folder) for name in names) and "xl/workbook.bin" not in names:
                return file_type
        raise UnknownFileType(f"This is an Office file of a kind that cannot be read. {_SUPPORTED}")
    if "mimetype" in names:
        return _detect_by_mimetype(archive, names)
    if "meta-inf/container.xml" in names and any(name.endswith(".opf") for name in names):
        return "epub"
    return "zip"


def _detect_by_mimetype(archive: zipfile.ZipFile, names: set[str]) -> FileType:
    try:
        with archive.open("mimetype") as part:
            mimetype = part.read(200).strip()
    except Exception as error:  # zlib and lzma have errors of their own
        raise BrokenFile("The file is damaged: it cannot be unpacked.") from error
    kinds: tuple[tuple[bytes, FileType], ...] = ((b"text", "odt"), (b"spreadsheet", "ods"), (b"presentation", "odp"))
    for kind, file_type in kinds:
        if mimetype.startswith(b"application/vnd.oasis.opendocument." + kind):
            return file_type
    if mimetype == b"application/epub+zip":
        return "epub"
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        raise UnknownFileType(f"This is an OpenDocument file, but no text, sheets or slides. {_SUPPORTED}")
    return "zip"


def _detect_in_ole(data: bytes) -> FileType:
    """Older Office programs and Outlook keep streams by name in one container."""
    import olefile  # only where a file needs it

    try:
        with olefile.OleFileIO(data) as container:
            # Those on top: what is deeper belongs to files that are embedded.
            entries = container.listdir(streams=True, storages=True)
    except Exception as error:  # whatever it stumbles over
        raise BrokenFile("The file is damaged or incomplete: it cannot be opened.") from error
    names = {str(entry[0]).lower() for entry in entries if len(entry) == 1}
    if names & {"encryptedpackage", "encryptioninfo"}:
        raise EncryptedFile
    streams: tuple[tuple[str, FileType], ...] = (
        ("worddocument", "doc"), ("powerpoint document", "ppt"), ("workbook", "xls"), ("book", "xls"),
        ("__properties_version1.0", "msg"),
    )  # fmt: skip
    for stream, file_type in streams:
        if stream in names:
            return file_type
    raise UnknownFileType(f"This is a file of an older program. {_SUPPORTED}")


def _detect_in_text(head: str, data: bytes, ending: str) -> FileType:
    named = _TEXT_ENDINGS.get(ending)
    if named == "subtitles" or _SUBTITLES.match(head):
        return "subtitles"
    if _HTML.match(head):
        return "html"
    if named == "html":
        return "html" if _TAG.search(head) else "text"
    if named in ("markdown", "rst", "csv", "eml"):
        return named
    if head.lstrip().startswith(("{", "[")) and (named in ("json", "ipynb") or _is_json(head, data)):
        return "ipynb" if named == "ipynb" or _is_notebook(data) else "json"
    if named in ("json", "ipynb"):
        return named
    if _is_mail(head):
        return "eml"
    return "csv" if _is_delimited(head) else "text"


def _is_notebook(data: bytes) -> bool:
    return b'"nbformat"' in data and b'"cells"' in data


def _is_json(head: str, data: bytes) -> bool:
    """Whether this is JSON as a whole, or its first line is."""
    if not _JSON.match(head):
        return False
    if len(data) > _JSON_TRIED:
        return data.rstrip()[-1:] in (b"}", b"]")
    for part in (data, data.lstrip().split(b"\n", 1)[0]):
        try:
            return isinstance(json.loads(part), dict | list)
        except RecursionError:
            return True
        except ValueError:
            continue
    return False


def _is_mail(head: str) -> bool:
    fields = _MAIL_FIELD.match(head)
    names = {name.lower() for name in _MAIL_NAME.findall(fields[1])} if fields else set()
    return bool(names & {"from", "received", "message-id"}) and bool(names & {"to", "date", "subject", "mime-version"})


def _is_delimited(head: str) -> bool:
    """Several lines, each with the same number of the same sign, which prose does not have."""
    lines = [line for line in head.split("\n")[:-1] if line.strip()][:50]
    if len(lines) < 4:
        return False
    for sign in "\t;,":
        counts = {re.sub(r'"[^"]*"', "", line).count(sign) for line in lines}
        if len(counts) == 1 and min(counts) > 1 and (sign != "," or not any(", " in line for line in lines)):
            return True
    return False
