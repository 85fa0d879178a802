"""HTML: what a reader of the page reads, without the navigation around it."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, CData, Tag
from bs4.dammit import EncodingDetector
from bs4.element import NavigableString

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.rendering import list_text, pipe_table

_NEVER_TEXT = re.compile(
    r"\A(?:script|style|noscript|template|svg|annotation|canvas|iframe|object|head|button|select|datalist|input|textarea|"
    r"dialog)\Z"
)
_AROUND_TEXT = ("nav", "header", "footer", "aside", "form")
_AROUND_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog")
_COOKIES = re.compile(
    r"(?:\A|[\s_-])(?:cookies?|gdpr|consent|onetrust|cc)[\s_-]*(?:banner|bar|consent|notice|popup|modal|overlay|message|sdk|window)",
    re.IGNORECASE,
)
# An element that is not known is a part of its line, as in a browser.
_STARTS_LINE = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|header|hgroup|hr|html|legend|li|main|nav|option|p|section|summary|table|tbody|td|tfoot|th|thead|tr"
)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_XML_PROLOGUE = re.compile(r"\s*<\?xml[^>]*>")
_BREAK = "\v"


class HtmlLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        source = decode(data, EncodingDetector.find_declared_encoding(data, is_html=True))
        soup = _parse(source)
        title = soup.title.get_text() if soup.title else ""
        _drop_unread(soup)
        try:
            blocks = tuple(_blocks(_main(soup)))
        except RecursionError:  # tags that are never closed nest without end
            blocks = tuple(Block("paragraph", line) for line in soup.get_text("\n").split("\n"))
        first = next((block.text for block in blocks if block.kind == "heading"), "")
        return LoadedDocument(title.strip() or first, blocks)


def html_blocks(source: str) -> Iterator[Block]:
    """The blocks of a fragment."""
    soup = _parse(source)
    _drop_unread(soup)
    return _blocks(soup)


def _parse(source: str) -> BeautifulSoup:
    # The parser would end the document at a NUL, and Beautiful Soup warn of XML.
    source = source.replace("\0", "")
    prologue = _XML_PROLOGUE.match(source)
    return BeautifulSoup(source[prologue.end() :] if prologue else source, "lxml")


def _drop_unread(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(_NEVER_TEXT):
        tag.decompose()
    most = len(soup.get_text()) / 2
    for tag in soup.find_all(_is_unread):
        # A form or a hidden element around the whole page is not beside the text, it is the page.
        if not tag.decomposed and len(tag.get_text()) <= most:
            tag.decompose()


def _is_unread(tag: Tag) -> bool:
    if tag.name in _AROUND_TEXT:
        return not (tag.name == "header" and tag.find_parent(["article", "main"]))
    return (
        "hidden" in tag.attrs
        or tag.get("aria-hidden") == "true"
        or tag.get("role") in _AROUND_ROLES
        or bool(_HIDDEN_STYLE.search(str(tag.get("style", ""))))
        or bool(_COOKIES.search(f"{tag.get('id', '')} {' '.join(tag.get_attribute_list('class'))}"))
    )


def _main(soup: BeautifulSoup) -> Tag:
    most = len(soup.get_text()) / 2
    found = soup.find_all(lambda tag: tag.name in ("main", "article") or tag.get("role") == "main")
    return next((tag for tag in found if len(tag.get_text()) > most), soup)


def _blocks(parent: Tag) -> Iterator[Block]:
    line: list[str] = []
    for part in _parts(parent):
        if isinstance(part, str):
            line.append(part)
            continue
        if text := _collapse("".join(line)):
            yield Block("paragraph", text)
        line = []
        if part:
            yield part
    if text := _collapse("".join(line)):
        yield Block("paragraph", text)


def _parts(parent: Tag) -> Iterator[Block | str | None]:
    """Pieces of running text, whole blocks, and None where a paragraph ends."""
    for node in parent.children:
        if not isinstance(node, Tag):
            if type(node) in (NavigableString, CData):
                yield str(node)
        elif node.name == "br":
            yield _BREAK
        elif block := _block(node):
            yield block
        elif _STARTS_LINE.fullmatch(node.name):
            yield None
            yield from _parts(node)
            yield None
        else:
            yield from _parts(node)


def _block(node: Tag) -> Block | None:
    match node.name:
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            return Block("heading", _line(node).replace("\n", " ").rstrip(" ¶\u200b"), level=int(node.name[1]))
        case "pre" | "listing":
            return Block("code", node.get_text())
        case "ul" | "menu":
            return Block("list", list_text(_items(node)))
        case "ol":
            start = str(node.get("start", "1"))
            return Block("list", list_text(_items(node), first=int(start) if start.isdecimal() else 1))
        case "table" if not _lays_out(node):
            rows = _rows(node)
            if sum(sum(map(bool, row)) > 1 for row in rows) > 1:
                return Block("table", pipe_table(rows))
    return None


def _items(parent: Tag) -> Iterator[str]:
    for node in parent.children:
        if isinstance(node, Tag):
            text = "\n".join(block.text for block in _blocks(node))
            if text.strip():
                yield text


def _rows(table: Tag) -> list[list[str]]:
    """The cells' texts; one that spans columns is followed by empty ones, one that spans rows is repeated in each."""
    rows: list[list[str]] = []
    spanning: dict[int, tuple[int, str]] = {}
    for tr in table.find_all("tr"):
        cells: list[str] = []
        for cell in tr.find_all(["td", "th"], recursive=False):
            _carry(spanning, cells)
            text = _line(cell)
            if (height := _span(cell, "rowspan")) > 1:
                spanning[len(cells)] = (height - 1, text)
            cells += [text] + [""] * (_span(cell, "colspan") - 1)
        _carry(spanning, cells)
        rows.append(cells)
    return rows


def _carry(spanning: dict[int, tuple[int, str]], cells: list[str]) -> None:
    while len(cells) in spanning:
        left, text = spanning.pop(len(cells))
        if left > 1:
            spanning[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: Tag, attribute: str) -> int:
    value = str(cell.get(attribute, "1"))
    return min(int(value), 100) if value.isdecimal() else 1


def _lays_out(table: Tag) -> bool:
    """A table that arranges the parts of a page. So does one that has no two rows of two cells."""
    parts = ["table", "h1", "h2", "h3", "h4", "ul", "ol", "pre"]
    return table.get("role") in ("presentation", "none") or table.find(parts) is not None


def _line(node: Tag) -> str:
    return _collapse("".join(part.text if isinstance(part, Block) else part or " " for part in _parts(node)))


def _collapse(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.split(_BREAK)).strip()
