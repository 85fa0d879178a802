"""Files to blocks, whatever their type, in this process (documents/loading.py does it in another)."""

import logging
import pkgutil
from dataclasses import replace
from pathlib import PurePosixPath

from documents.blocks import LoadedDocument, normalise
from documents.errors import BrokenFile, EmptyFile, FileTooLarge, LoadError
from documents.loaders.archive_safety import inside, outermost
from documents.loaders.base import MAX_TEXT, Loader
from documents.loaders.detection import FileType, detect

logger = logging.getLogger(__name__)

MAX_FILE = 50_000_000
"""Bytes."""
MAX_TITLE = 500

# By name, so that a parser is loaded only when a file needs it.
LOADERS: dict[FileType, str] = {
    "pdf": "documents.loaders.pdf:PdfLoader",
    "docx": "documents.loaders.docx:DocxLoader",
    "doc": "documents.loaders.doc:DocLoader",
    "pptx": "documents.loaders.pptx:PptxLoader",
    "ppt": "documents.loaders.ppt:PptLoader",
    "xlsx": "documents.loaders.spreadsheet:SpreadsheetLoader",
    "xls": "documents.loaders.spreadsheet:SpreadsheetLoader",
    "odt": "documents.loaders.odt:OdtLoader",
    "ods": "documents.loaders.odt:OdtLoader",
    "odp": "documents.loaders.odt:OdtLoader",
    "rtf": "documents.loaders.rtf:RtfLoader",
    "epub": "documents.loaders.epub:EpubLoader",
    "html": "documents.loaders.html:HtmlLoader",
    "markdown": "documents.loaders.markdown:MarkdownLoader",
    "rst": "documents.loaders.rst:RstLoader",
    "text": "documents.loaders.text:TextLoader",
    "csv": "documents.loaders.delimited:DelimitedLoader",
    "json": "documents.loaders.json_file:JsonLoader",
    "eml": "documents.loaders.mail:MailLoader",
    "msg": "documents.loaders.outlook:OutlookLoader",
    "ipynb": "documents.loaders.notebook:NotebookLoader",
    "subtitles": "documents.loaders.subtitles:SubtitleLoader",
    "zip": "documents.loaders.archive:ArchiveLoader",
}


def check(data: bytes, name: str) -> FileType:
    """The type of a file that may be loaded, told without parsing it. Raises LoadError."""
    if len(data) > MAX_FILE:
        raise FileTooLarge(f"The file is larger than {MAX_FILE // 1_000_000} MB.")
    if not data.strip():
        raise EmptyFile("The file is empty.")
    return detect(data, name)


def read(data: bytes, name: str) -> LoadedDocument:
    """The blocks of a file, clean and none of them empty, and its title: its own, else a heading, else ``name``.

    Raises LoadError, whatever the bytes are; but a parser may crash, hang or take all memory.
    """
    with outermost():
        return _read(data, name)


def read_inside(data: bytes, name: str) -> LoadedDocument:
    """The same for a file within the one that is being read: a member of an archive, an attachment."""
    with inside():
        return _read(data, name)


def _read(data: bytes, name: str) -> LoadedDocument:
    loader: Loader = pkgutil.resolve_name(LOADERS[check(data, name)])()
    try:
        loaded = loader.load(data, name)
    except (LoadError, MemoryError):
        raise
    except Exception as error:  # parsers raise whatever they like on bytes that somebody made up
        logger.warning("%s cannot read a file: %r", type(loader).__name__, error)
        raise BrokenFile("The file is damaged: it cannot be read.") from error
    cleaned = (replace(block, text=normalise(block.text)) for block in loaded.blocks)
    blocks = tuple(block for block in cleaned if block.text.strip())
    if not blocks:
        raise EmptyFile("There is no text in the file.")
    if sum(len(block.text) for block in blocks) > MAX_TEXT:
        raise FileTooLarge("The file holds more text than one document may.")
    title = " ".join(normalise(loaded.title).split()) or _stem(name) or "Untitled"
    return LoadedDocument(title[:MAX_TITLE], blocks)


def _stem(name: str) -> str:
    return PurePosixPath(" ".join(normalise(name.replace("\\", "/")).split())).stem
