"""The text of scanned pages, recognised by the program tesseract where it is installed."""

from collections.abc import Iterator
from math import sqrt
from typing import TYPE_CHECKING

from documents.blocks import Block
from documents.errors import NoTextLayer
from documents.loaders.programs import installed, run
from documents.loaders.text import text_blocks

if TYPE_CHECKING:
    import pypdfium2

MAX_PAGES = 30
DOTS_PER_INCH = 300
MAX_DOTS = 25_000_000
"""Of one page: a poster is looked at less closely."""
_PROGRAM, _PACKAGE = "tesseract", "tesseract-ocr"
_LANGUAGES = 4

enabled = True
"""Set once for each file by the process that parses it."""


def recognise(data: bytes) -> tuple[Block, ...]:
    """The blocks of a PDF without text. Raises NoTextLayer where there is none to be found, TooSlow."""
    if not enabled:
        raise NoTextLayer("The pages hold pictures only, no text. Run text recognition (OCR) on the file first.")
    if not installed(_PROGRAM):
        raise NoTextLayer(
            "The pages hold pictures only, no text. Run text recognition (OCR) on the file first, or have the package "
            f"{_PACKAGE} installed on the server."
        )
    blocks = tuple(_blocks(data))
    if not any(character.isalnum() for block in blocks for character in block.text):
        raise NoTextLayer("The pages hold pictures only, and no text was recognised in them.")
    return blocks


def _blocks(data: bytes) -> Iterator[Block]:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        if len(document) > MAX_PAGES:
            raise NoTextLayer(
                f"The pages hold pictures only, no text, and there are more than {MAX_PAGES} of them. "
                "Run text recognition (OCR) on the file first, or split it."
            )
        languages = _languages()
        for index in range(len(document)):
            page = document[index]
            try:
                picture = _picture(page)
            finally:
                page.close()
            text = run(_PROGRAM, ["stdin", "stdout", "-l", languages], package=_PACKAGE, data=picture)
            for block in text_blocks(text.decode("utf-8", "replace")):
                # What looks like an underlined heading to a recogniser is a ruled line.
                yield Block("list" if block.kind == "list" else "paragraph", block.text, page=index + 1)


def _languages() -> str:
    """All that are installed: which one a scan is in is not known before it is read."""
    listed = run(_PROGRAM, ["--list-langs"], package=_PACKAGE).decode("utf-8", "replace").split("\n")[1:]
    names = [name.strip() for name in listed if name.strip() and name.strip() not in ("osd", "equ")]
    return "+".join(sorted(names, key=lambda name: name != "eng")[:_LANGUAGES]) or "eng"


def _picture(page: "pypdfium2.PdfPage") -> bytes:
    """The page in greys, in the plain format PGM."""
    width, height = page.get_size()
    scale = min(DOTS_PER_INCH / 72, sqrt(MAX_DOTS / max(1, width * height)))
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        dots, stride = bytes(bitmap.buffer), bitmap.stride
        rows = (dots[row * stride : row * stride + bitmap.width] for row in range(bitmap.height))
        return f"P5 {bitmap.width} {bitmap.height} 255\n".encode() + b"".join(rows)
    finally:
        bitmap.close()
