"""PDF files: their text, or what is recognised on scanned pages."""

import ctypes
import re
import threading
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw

from documents.blocks import LoadedDocument
from documents.errors import BrokenFile, EncryptedFile, FileTooLarge
from documents.loaders import pdf_ocr
from documents.loaders.base import MAX_TEXT, Loader
from documents.loaders.pdf_layout import Line, paragraphs, without_running_heads

_LOCKED = (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
# What programs write into the title of a file that nobody gave one.
_NO_TITLE = re.compile(
    r"\W*(?:untitled|anonymous|unspecified|document\d*|powerpoint presentation)?\W*|microsoft word - .*|.*\.[a-z]{3,4}",
    re.IGNORECASE,
)
# A line ends at a line break, and where the library marks a hyphen at a line's end (there it leaves the break out).
_LINE = re.compile(r"[^\r\n\ufffe\x02]+[\ufffe\x02]?")
_pdfium = threading.Lock()  # the library may be in one call at a time only


class PdfLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        with _pdfium:
            title, lines = _read(data)
            has_text = any(map(str.isalnum, (character for line in lines for character in line.text)))
            blocks = tuple(paragraphs(without_running_heads(lines))) if has_text else pdf_ocr.recognise(data)
        if _NO_TITLE.fullmatch(title):
            on_cover = [block for block in blocks if block.kind == "heading" and block.page == 1]
            title = min(on_cover, key=lambda block: block.level).text if on_cover else ""
        return LoadedDocument(title, blocks)


def _read(data: bytes) -> tuple[str, list[Line]]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in _LOCKED:
            raise EncryptedFile from error
        raise BrokenFile("The file is damaged or incomplete: it cannot be opened as a PDF.") from error
    lines: list[Line] = []
    length = 0
    with document:
        title = document.get_metadata_value("Title")[:500].strip()
        for index in range(len(document)):
            try:
                found = _page(document, index)
            except pypdfium2.PdfiumError as error:
                raise BrokenFile(f"Page {index + 1} of the file is damaged.") from error
            length += sum(len(line.text) for line in found)
            if length > MAX_TEXT:
                raise FileTooLarge("The file holds more text than one document may.")
            lines += found
    return title, lines


def _page(document: pypdfium2.PdfDocument, index: int) -> list[Line]:
    page = document[index]
    textpage = page.get_textpage()
    try:
        return list(_lines(textpage, index + 1))
    finally:
        textpage.close()
        page.close()


def _lines(textpage: pypdfium2.PdfTextPage, number: int) -> Iterator[Line]:
    text = textpage.get_text_range()
    for match in _LINE.finditer(text):
        line = match[0].strip()
        if not line:
            continue
        first = match.start() + len(match[0]) - len(match[0].lstrip())
        last = first + len(line) - 1
        middle = (first + last) // 2
        while text[middle].isspace():
            middle += 1
        left, base = _origin(textpage, first)
        _, last_base = _origin(textpage, last)
        yield Line(line, number, _size(textpage, middle), left, _right(textpage, last), base, last_base)


def _origin(textpage: pypdfium2.PdfTextPage, index: int) -> tuple[float, float]:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(textpage, index, x, y)
    return x.value, y.value


def _right(textpage: pypdfium2.PdfTextPage, index: int) -> float:
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(textpage, index, box)
    return float(box.right)


def _size(textpage: pypdfium2.PdfTextPage, index: int) -> float:
    """Points, in halves; 0 for text that does not run from left to right."""
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(textpage, index, matrix)
    if abs(matrix.b) > abs(matrix.a):
        return 0
    size: float = raw.FPDFText_GetFontSize(textpage, index) * (matrix.c**2 + matrix.d**2) ** 0.5
    return round(size * 2) / 2
