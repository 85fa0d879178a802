"""Tables as text: CSV, TSV and their like."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.rendering import TABLE_PART, list_text, table_blocks

_SIGNS = ",;\t|"
_SAMPLE = 100
_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[\d.,: /%-]*\d[\d.,: /%-]*")
_CLAUSE = re.compile(r"[.,;!](?:\s|$)")
_NAME_LENGTH = 60


class DelimitedLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        source = decode(data).replace("\0", "")
        if declared := _SEPARATOR.match(source):  # Excel writes it
            source, sign = source[declared.end() :], declared[1]
        else:
            sign = "\t" if PurePosixPath(name.lower()).suffix in (".tsv", ".tab") else _sign(source)
        rows = [
            row
            for row in csv.reader(io.StringIO(source, newline=None), delimiter=sign, skipinitialspace=True)
            if any(row)
        ]
        return LoadedDocument("", tuple(table_blocks(rows)) if _has_header(rows) else tuple(_lines(rows)))


def _rows(source: str, sign: str) -> Iterator[list[str]]:
    csv.field_size_limit(len(source) + 1)
    return csv.reader(io.StringIO(source, newline=None), delimiter=sign, skipinitialspace=True)


def _sign(source: str) -> str:
    """The sign by which most rows have the same number of cells; of equal ones that which makes more of them."""

    def fit(sign: str) -> tuple[float, int]:
        widths = [
            len(row) for row in islice(csv.reader(io.StringIO(source, newline=None), delimiter=sign), _SAMPLE) if row
        ]
        width, rows = Counter(widths).most_common(1)[0] if widths else (1, 0)
        return (rows / len(widths), width) if width > 1 else (0, 0)

    return max(_SIGNS, key=fit)


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row holds names: short, all different, no numbers, and no clauses."""
    names = [cell.strip() for cell in rows[0]] if len(rows) > 1 else []
    while names and not names[-1]:
        names.pop()
    return len(names) > 1 and len(set(names)) == len(names) and all(map(_is_name, names))


def _is_name(cell: str) -> bool:
    return len(cell) <= _NAME_LENGTH and not _NUMBER.fullmatch(cell) and not _CLAUSE.search(cell)


def _lines(rows: list[list[str]]) -> list[Block]:
    """Rows of which nobody says what their cells mean."""
    parts: list[list[str]] = [[]]
    length = 0
    for row in rows:
        line = "; ".join(" ".join(cell.split()) for cell in row)
        if length + len(line) > TABLE_PART and parts[-1]:
            parts.append([])
            length = 0
        parts[-1].append(line)
        length += len(line)
    return [Block("list", list_text(part)) for part in parts]
