"""OpenDocument files: texts (.odt), sheets (.ods) and presentations (.odp)."""

import re
from collections.abc import Iterator

from documents.blocks import Block, LoadedDocument
from documents.errors import EncryptedFile
from documents.loaders.base import Loader, bounded
from documents.loaders.grid import Range, fill_merged, sheet_blocks
from documents.loaders.package import Element, Package, local_name
from documents.loaders.rendering import list_text, table_blocks
from documents.loaders.slides import first_title, slide_blocks

MAX_COLUMNS = 16_384
MAX_REPEATED = 1_000
"""A cell or row that repeats is written once, with a number. Sheets end with empty ones without number."""

_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _STYLE = f"{_NAMESPACE}text:1.0}}", f"{_NAMESPACE}table:1.0}}", f"{_NAMESPACE}style:1.0}}"
_CLASS = f"{_NAMESPACE}presentation:1.0}}class"

_UNREAD = frozenset(
    "tracked-changes annotation annotation-end alphabetical-index bibliography illustration-index object-index "
    "table-index table-of-content user-index sequence-decls forms hidden-paragraph hidden-text ruby-text title desc "
    "object shapes notes".split()
)
_DRAWN = frozenset("frame custom-shape rect ellipse g".split())
_SPACE = re.compile(r"[ \t\r\n]+")
_SPACING = {"tab": "\t", "line-break": "\n", "p": "\n", "h": "\n"}


class OdtLoader(Loader):
    """Hidden sheets and hidden text are left out; what was deleted under tracking, too."""

    def load(self, data: bytes, name: str) -> LoadedDocument:
        package = Package(data)
        if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise EncryptedFile
        roots = [package.xml(part) for part in ("styles.xml", "content.xml") if part in package]
        blocks = bounded(_Reader(roots).blocks(roots[-1].find("{*}body")))
        return LoadedDocument(package.title("meta.xml", "{*}meta/{*}title") or first_title(blocks), blocks)


class _Reader:
    def __init__(self, roots: list[Element]) -> None:
        styles = [style for root in roots for style in root.iter(f"{_STYLE}style")]
        self._parents = {style.get(f"{_STYLE}name"): style.get(f"{_STYLE}parent-style-name") for style in styles}
        self._hidden = {
            style.get(f"{_STYLE}name")
            for style in styles
            for properties in style.iterchildren(f"{_STYLE}table-properties", f"{_STYLE}text-properties")
            if properties.get(f"{_TABLE}display") == "false" or properties.get(f"{_TEXT}display") == "none"
        }
        self._numbered = {
            (style.get(f"{_STYLE}name"), int(level.get(f"{_TEXT}level", "1")))
            for root in roots
            for style in root.iter(f"{_TEXT}list-style")
            for level in style.iterchildren(f"{_TEXT}list-level-style-number")
            if level.get(f"{_STYLE}num-format")
        }
        self._notes: list[str] = []

    def blocks(self, body: Element) -> Iterator[Block]:
        for sheet, table in enumerate(body.iterfind(f"{{*}}spreadsheet/{_TABLE}table"), 1):
            if table.get(f"{_TABLE}style-name") not in self._hidden:
                yield from sheet_blocks(table.get(f"{_TABLE}name", ""), sheet, *self._grid(table))
        for number, slide in enumerate(body.iterfind("{*}presentation/{*}page"), 1):
            yield from self._slide(slide, number)
        for text in body.iterchildren("{*}text"):
            yield from self._text(text)

    def _slide(self, slide: Element, number: int) -> Iterator[Block]:
        titles = [frame for frame in slide.iterchildren("{*}frame") if frame.get(_CLASS) == "title"]
        body = [
            block
            for drawn in slide.iterchildren("*")
            if drawn.get(_CLASS) not in ("title", "footer", "header", "date-time", "page-number")
            for block in self._text(drawn, number)
        ]
        notes = [frame for frame in slide.iterfind("{*}notes/{*}frame") if frame.get(_CLASS) == "notes"]
        yield from slide_blocks(number, self._joined(titles), body, self._joined(notes))

    def _joined(self, frames: list[Element]) -> str:
        return " ".join(" ".join(map(self._string, frames)).split())

    def _text(self, parent: Element, page: int | None = None) -> Iterator[Block]:
        if local_name(parent) in _UNREAD:
            return
        for element in parent.iterchildren("*"):
            match local_name(element):
                case "h" | "p":
                    yield from self._paragraph(element, page)
                case "list" if element.find(f".//{_TEXT}h") is None:
                    yield Block("list", self._list(element, "", 1), page=page)
                case "table":
                    rows, merged = self._grid(element)
                    fill_merged(rows, merged)
                    yield from table_blocks(rows, page)
                case _:
                    yield from self._text(element, page)
        yield from self._footnotes(page)

    def _paragraph(self, element: Element, page: int | None) -> Iterator[Block]:
        text = self._string(element)
        level = min(int(element.get(f"{_TEXT}outline-level", "1")), 6) if local_name(element) == "h" else 0
        if not level and self._is_title(element.get(f"{_TEXT}style-name")):
            level = 1
        yield Block("heading" if level else "paragraph", text, level=level, page=page)
        yield from self._footnotes(page)
        for drawn in _drawn(element):
            yield from self._text(drawn, page)

    def _footnotes(self, page: int | None) -> Iterator[Block]:
        notes, self._notes = self._notes, []
        for note in notes:
            yield Block("paragraph", note, page=page)

    def _is_title(self, style: str | None) -> bool:
        for _ in range(10):
            if style == "Title":
                return True
            style = self._parents.get(style)
        return False

    def _list(self, element: Element, style: str, level: int) -> str:
        style = element.get(f"{_TEXT}style-name") or style
        items = []
        for item in element.iterchildren(f"{_TEXT}list-item", f"{_TEXT}list-header"):
            parts = (
                self._list(child, style, level + 1) if local_name(child) == "list" else self._string(child)
                for child in item.iterchildren("*")
            )
            items.append("\n".join(filter(None, parts)))
        return list_text(filter(None, items), first=1 if (style, level) in self._numbered else None)

    def _grid(self, table: Element) -> tuple[list[list[str]], list[Range]]:
        rows: list[list[str]] = []
        merged: list[Range] = []
        for row in table.iter(f"{_TABLE}table-row"):
            cells, spans = self._cells(row)
            merged += [((len(rows), left), (len(rows) + down, left + across)) for left, down, across in spans]
            repeated = int(row.get(f"{_TABLE}number-rows-repeated", "1")) if cells else 1
            rows += [list(cells) for _ in range(min(repeated, MAX_REPEATED))]
        return rows, merged

    def _cells(self, row: Element) -> tuple[list[str], list[tuple[int, int, int]]]:
        """The cells up to the last one that is filled; column, rows below and columns beside those that were merged."""
        cells: list[str] = []
        spans: list[tuple[int, int, int]] = []
        empty = 0
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
            text = self._string(cell) if len(cell) else ""
            if not text or len(cells) + empty >= MAX_COLUMNS:
                empty += repeated
                continue
            cells += [""] * empty
            down, across = (int(cell.get(f"{_TABLE}number-{side}-spanned", "1")) - 1 for side in ("rows", "columns"))
            if down > 0 or across > 0:
                spans.append((len(cells), down, across))
            cells += [text] * min(repeated, MAX_REPEATED)
            empty = 0
        return cells, spans

    def _string(self, element: Element) -> str:
        return "".join(self._strings(element)).strip()

    def _strings(self, element: Element) -> Iterator[str]:
        if element.get(f"{_TEXT}style-name") in self._hidden:
            return
        name = local_name(element)
        in_line = name not in ("table-cell", "text-box", "list-item", "frame", "custom-shape")
        yield _SPACE.sub(" ", element.text or "") if in_line else ""
        for child in element:
            if isinstance(child.tag, str):  # and no entity, which is left out
                yield from self._child(child, is_drawn=in_line)
            yield _SPACE.sub(" ", child.tail or "") if in_line else ""
        yield _SPACING.get(name, "")

    def _child(self, child: Element, *, is_drawn: bool) -> Iterator[str]:
        match local_name(child):
            case "s":
                yield " " * min(int(child.get(f"{_TEXT}c", "1")), 100)
            case "note":
                mark = child.findtext(f"{_TEXT}note-citation") or "*"
                body = child.find(f"{_TEXT}note-body")
                self._notes.append(f"[{mark}] {'' if body is None else self._string(body)}")
                yield f"[{mark}]"
            case name if name not in _UNREAD and not (is_drawn and name in _DRAWN):
                yield from self._strings(child)


def _drawn(element: Element) -> Iterator[Element]:
    """What is anchored in a paragraph; what is anchored in that comes with it."""
    for child in element.iterchildren("*"):
        if local_name(child) in _DRAWN:
            yield child
        elif len(child):
            yield from _drawn(child)
