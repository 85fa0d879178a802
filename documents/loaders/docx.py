"""Word documents (.docx)."""

import io
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.simpletypes import ST_Merge
from docx.package import Package

from documents.blocks import Block, LoadedDocument
from documents.errors import UnknownFileType
from documents.loaders.archive_safety import open_archive
from documents.loaders.base import Loader
from documents.loaders.rendering import table_blocks

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# A deletion that was tracked, a field's formula, and the copy of a drawing for old versions of Word.
_UNREAD = frozenset(
    [
        *map(qn, ["w:del", "w:moveFrom", "w:instrText", "w:pPr", "w:rPr"]),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    ]
)
_TEXT = frozenset([qn("w:t"), qn("m:t")])
_SPACING = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:p"): "\n"}

Element = Any
"""python-docx's elements; their attributes are made at run time."""


class DocxLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        open_archive(data)
        package = Package.open(io.BytesIO(data))
        main = package.main_document_part
        if main.content_type != _WORD:
            raise UnknownFileType("This Word file is a template or holds macros. Save it as .docx.")
        reader = _Reader(main)
        blocks = (*reader.blocks(main.element.body), *_notes(main))
        title = ""
        if RELATIONSHIP_TYPE.CORE_PROPERTIES in _relations(package):
            title = package.core_properties.title.strip()
        if not title or title == "Word Document":
            title = next((block.text for block in blocks if block.kind == "heading"), "")
        return LoadedDocument(title, blocks)


def _relations(part: Any) -> dict[str, Any]:
    """Related parts by type. python-docx would make up a part that is missing."""
    return {relation.reltype: relation.target_part for relation in part.rels.values() if not relation.is_external}


class _Reader:
    def __init__(self, main: Any) -> None:
        related = _relations(main)
        styles = related.get(RELATIONSHIP_TYPE.STYLES)
        numbering = related.get(RELATIONSHIP_TYPE.NUMBERING)
        self._styles = {style.styleId: style for style in styles.element.style_lst} if styles else {}
        self._bullets = _bullets(numbering.element) if numbering else set()
        self._counters: defaultdict[tuple[str, int], int] = defaultdict(int)

    def blocks(self, body: Element) -> Iterator[Block]:
        items: list[str] = []
        for element in _within(body, qn("w:p"), qn("w:tbl")):
            item = self._item(element) if element.tag == qn("w:p") else None
            if item is not None:
                items.append(item)
                continue
            if items:
                yield Block("list", "\n".join(items))
                items = []
            yield from self._block(element)
        if items:
            yield Block("list", "\n".join(items))

    def _block(self, element: Element) -> Iterator[Block]:
        if element.tag == qn("w:tbl"):
            rows = _rows(element)
            if max(map(len, rows), default=0) > 1:
                yield from table_blocks(rows)
            else:
                yield Block("paragraph", "\n\n".join(cell for row in rows for cell in row))
            return
        level = self._heading_level(element)
        yield Block("heading" if level else "paragraph", _text(element), level=level)

    def _item(self, paragraph: Element) -> str | None:
        """The paragraph as a line of a list, or None where it is none."""
        numbering = self._property(paragraph, "numPr")
        if numbering is None or numbering.numId is None or numbering.numId.val == 0 or self._heading_level(paragraph):
            return None
        text = _text(paragraph).strip()
        if not text:
            return None
        depth = numbering.ilvl.val if numbering.ilvl is not None else 0
        number = str(numbering.numId.val)
        if (number, depth) in self._bullets:
            marker = "-"
        else:
            self._counters[number, depth] += 1
            for deeper in range(depth + 1, 9):
                self._counters.pop((number, deeper), None)
            marker = f"{self._counters[number, depth]}."
        return f"{'  ' * depth}{marker} {text.replace(chr(10), ' ')}"

    def _heading_level(self, paragraph: Element) -> int:
        """1 to 6; 0 for a paragraph that is no heading."""
        outline = self._property(paragraph, "outlineLvl")
        if outline is not None:
            level = int(outline.get(qn("w:val"))) + 1
            return min(level, 6) if level < 10 else 0
        for style in self._style_chain(paragraph):
            # Word keeps these names in English in every language.
            name = (style.name_val or "").lower()
            if name == "title":
                return 1
            if name.startswith("heading ") and name[8:].isdecimal():
                return min(int(name[8:]), 6)
        return 0

    def _property(self, paragraph: Element, name: str) -> Element | None:
        """A property of the paragraph itself or, where it has none, of its style."""
        for owner in (paragraph, *self._style_chain(paragraph)):
            found = owner.pPr.find(qn(f"w:{name}")) if owner.pPr is not None else None
            if found is not None:
                return found
        return None

    def _style_chain(self, paragraph: Element) -> Iterator[Element]:
        style = self._styles.get(paragraph.style)
        for _ in range(10):
            if style is None:
                return
            yield style
            style = self._styles.get(style.basedOn_val)


def _bullets(numbering: Element) -> set[tuple[str, int]]:
    """(number, depth) of the list levels that have bullets and not numbers."""
    abstract = {
        definition.get(qn("w:abstractNumId")): {
            int(level.get(qn("w:ilvl")))
            for level in definition.iter(qn("w:lvl"))
            for form in level.iterchildren(qn("w:numFmt"))
            if form.get(qn("w:val")) in ("bullet", "none")
        }
        for definition in numbering.iterchildren(qn("w:abstractNum"))
    }
    return {
        (number.get(qn("w:numId")), depth)
        for number in numbering.iterchildren(qn("w:num"))
        for reference in number.iterchildren(qn("w:abstractNumId"))
        for depth in abstract.get(reference.get(qn("w:val")), ())
    }


def _within(parent: Element, *tags: str) -> Iterator[Element]:
    """The elements of these kinds, also those within content controls and tracked insertions."""
    for element in parent.iterchildren("*"):
        if element.tag in tags:
            yield element
        elif element.tag not in _UNREAD:
            yield from _within(element, *tags)


def _rows(table: Element) -> list[list[str]]:
    """A cell that spans rows is repeated in each; one that spans columns is followed by empty ones."""
    rows: list[list[str]] = []
    for row in _within(table, qn("w:tr")):
        cells: list[str] = []
        for cell in _within(row, qn("w:tc")):
            above = rows[-1][len(cells)] if rows and len(cells) < len(rows[-1]) else ""
            text = above if cell.vMerge == ST_Merge.CONTINUE else _text(cell)
            cells += [text] + [""] * (min(cell.grid_span, 100) - 1)
        rows.append(cells)
    return rows


def _notes(main: Any) -> Iterator[Block]:
    """Footnotes and endnotes, but not the lines that part them from the text."""
    for kind, part in _relations(main).items():
        if kind in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES):
            for note in parse_xml(part.blob).iterchildren(qn("w:footnote"), qn("w:endnote")):
                if note.get(qn("w:type"), "normal") == "normal":
                    yield Block("paragraph", _text(note))


def _text(element: Element) -> str:
    return "".join(_strings(element)).strip()


def _strings(element: Element) -> Iterator[str]:
    for child in element.iterchildren("*"):
        if child.tag in _TEXT:
            yield child.text or ""
        elif child.tag not in _UNREAD and not _is_hidden(child):
            yield from _strings(child)
            yield _SPACING.get(child.tag, "")


def _is_hidden(element: Element) -> bool:
    if element.tag != qn("w:r") or element.rPr is None:
        return False
    vanish = element.rPr.find(qn("w:vanish"))
    return vanish is not None and vanish.get(qn("w:val"), "true") not in ("0", "false", "off")
