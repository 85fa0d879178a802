"""E-books are read chapter by chapter, in the order in which a reader turns the pages."""

from collections.abc import Mapping

import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load
from tests.documents.archives import archive, laughs
from tests.documents.damage import assert_read_or_refused

pytestmark = pytest.mark.once

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
ORDER = ("two.xhtml", "text/chapter%20one.xhtml")


def chapter(body: str, head: str = "<title/>") -> str:
    return (
        f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head>{head}</head><body>{body}</body></html>'
    )


CHAPTERS = {
    "two.xhtml": chapter("<h1>Leave</h1><p>Thirty<br/>days.</p>"),
    "text/chapter one.xhtml": chapter('<h1><a id="x"/>Pay</h1><p>On the first.</p><script src="a.js"/><p>Always.</p>'),
    "nav.xhtml": chapter("<nav><ol><li>Leave</li></ol></nav>"),
}


def book(
    chapters: Mapping[str, str] = CHAPTERS, title: str = "Handbook", more: Mapping[str, str] | None = None
) -> bytes:
    files = ("nav.xhtml", *ORDER)
    items = "".join(
        f'<item id="i{place}" href="{name}" media-type="application/xhtml+xml" properties="{name.partition(".")[0]}"/>'
        for place, name in enumerate(files)
    )
    order = "".join(f'<itemref idref="i{place}"/>' for place in range(len(files)))
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f'<dc:title>{title}</dc:title></metadata><manifest>{items}<item id="p" href="p.png" media-type="image/png"/>'
        f'</manifest><spine><itemref idref="none"/><itemref idref="p"/>{order}</spine></package>'
    )
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package}
    return archive({**parts, **{f"OEBPS/{name}": text for name, text in chapters.items()}, **(more or {})})


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.epub")
    return refused.value.code


def test_chapters_come_in_the_order_of_reading_without_the_contents() -> None:
    loaded = load(book(), "a.epub")
    assert loaded.title == "Handbook"
    assert loaded.blocks == (
        Block("heading", "Leave", level=1),
        Block("paragraph", "Thirty\ndays."),
        Block("heading", "Pay", level=1),
        Block("paragraph", "On the first."),
        Block("paragraph", "Always."),
    )


def test_a_book_without_a_title_is_called_by_its_first_heading() -> None:
    assert load(book(title=""), "a.epub").title == "Leave"


def test_a_book_for_one_shops_reader_is_refused() -> None:
    def rights(algorithm: str) -> dict[str, str]:
        method = f'<EncryptedData><EncryptionMethod Algorithm="{algorithm}"/></EncryptedData>'
        return {"META-INF/encryption.xml": f'<encryption xmlns="urn:oasis">{method}</encryption>'}

    assert refusal(book(more=rights("http://www.w3.org/2001/04/xmlenc#aes128-cbc"))) == "encrypted"
    assert load(book(more=rights("http://www.idpf.org/2008/embedding")), "a.epub").blocks


def test_a_book_that_lacks_a_chapter_is_refused() -> None:
    assert refusal(book({"two.xhtml": CHAPTERS["two.xhtml"]})) == "corrupt"


def test_a_book_without_text_is_refused() -> None:
    assert refusal(book(dict.fromkeys(CHAPTERS, chapter("")))) == "empty"


@pytest.mark.parametrize("part", ["OEBPS/book.opf", "META-INF/container.xml"])
def test_entities_are_not_expanded(part: str) -> None:
    hostile = (
        laughs("package") + '<package xmlns="http://www.idpf.org/2007/opf"><metadata>&a11;&file;</metadata></package>'
    )
    assert refusal(book(more={part: hostile})) in ("empty", "corrupt")


def test_entities_within_a_chapter_are_not_expanded() -> None:
    hostile = laughs("html") + "<html><body><p>Text &a11; &file; end</p></body></html>"
    loaded = load(book({**CHAPTERS, "two.xhtml": hostile}), "a.epub")
    assert len("".join(block.text for block in loaded.blocks)) < 5_000


def test_a_damaged_book_is_read_or_refused() -> None:
    assert_read_or_refused(book(), "a.epub")
