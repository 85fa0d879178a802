"""Files to blocks, whatever their type, without harm to the process that asks."""

from django.conf import settings

from documents.blocks import LoadedDocument
from documents.reading import MAX_FILE as MAX_FILE
from documents.reading import check as check
from documents.sandbox import parser


def load(data: bytes, name: str) -> LoadedDocument:
    """The blocks of a file, clean and none of them empty, and its title: its own, else a heading, else ``name``.

    Raises LoadError, whatever the bytes are.
    """
    check(data, name)  # tells without a parser what most files that cannot be read are
    limits = settings.PARSING
    return parser().load(data, name, ocr=limits["OCR"], seconds=limits["SECONDS"])
