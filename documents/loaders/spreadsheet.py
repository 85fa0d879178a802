"""Excel workbooks (.xlsx, .xls): each sheet is a page under its name. Hidden sheets are left out."""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from struct import unpack_from

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from documents.blocks import Block, LoadedDocument
from documents.errors import EncryptedFile, FileTooLarge
from documents.loaders.base import Loader, bounded
from documents.loaders.grid import Range, sheet_blocks
from documents.loaders.ole import Container
from documents.loaders.package import Package

MAX_CELLS = 5_000_000
"""The most cells of a sheet, empty ones too: the reader makes room for each up to the last one that is filled."""

_PASSWORD, _END_OF_PART = 0x002F, 0x000A

# A cell that is closed where it is opened is empty.
_FILLED = rb"(?![^<>]{0,200}/>)"
_COLUMN = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})[0-9]{1,7}[\"']" + _FILLED)
_ROW = re.compile(rb"\br\s*=\s*[\"'][A-Za-z]{1,3}([0-9]{4,7})[\"']" + _FILLED)

Value = int | float | str | bool | date | datetime | time | timedelta


class SpreadsheetLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        title = ""
        if data.startswith(b"PK"):
            package = Package(data)
            _check_extent(package)
            title = package.office_title()
        elif _has_password(data):
            raise EncryptedFile
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return LoadedDocument(title, bounded(_blocks(workbook)))


def _has_password(data: bytes) -> bool:
    """Whether one of the records that an old workbook begins with says so."""
    container = Container(data)
    stream = container.find("Workbook") or container.find("Book")
    position, kind = 0, 0
    while position + 4 <= len(stream) and kind != _END_OF_PART:
        kind, length = unpack_from("<HH", stream, position)
        if kind == _PASSWORD:
            return True
        position += 4 + length
    return False


def _check_extent(package: Package) -> None:
    for part in package.parts():
        if not part.startswith("xl/worksheets/") or not part.endswith(".xml"):
            continue
        source = package.read(part)
        columns = max(map(_column_number, {found[1] for found in _COLUMN.finditer(source)}), default=1)
        rows = max((int(found[1]) for found in _ROW.finditer(source)), default=1000)
        if columns * rows > MAX_CELLS:
            raise FileTooLarge("A sheet of the workbook has its last cell so far out that it has too many cells.")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _blocks(workbook: CalamineWorkbook) -> Iterator[Block]:
    for index, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            yield from _sheet(workbook.get_sheet_by_index(index), index + 1)


def _sheet(sheet: CalamineSheet, number: int) -> Iterator[Block]:
    if sheet.start is None:
        return
    left = sheet.start[1]  # the rows come from the first one on, but begin at the first column that is filled
    merged = [((top, first - left), (bottom, last - left)) for (top, first), (bottom, last) in _merged(sheet)]
    yield from sheet_blocks(sheet.name, number, ([_shown(cell) for cell in row] for row in sheet.iter_rows()), merged)


def _merged(sheet: CalamineSheet) -> list[Range]:
    return sheet.merged_cell_ranges or []


def _shown(value: Value) -> str:
    """As a person would write it."""
    match value:
        case str():
            return value.strip()
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M")
        case time():
            return value.strftime("%H:%M:%S" if value.second else "%H:%M")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return str(value)
