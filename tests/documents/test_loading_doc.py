"""Word documents of the years before .docx become blocks in their order."""

import struct

import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load
from tests.documents import doc_files
from tests.documents.damage import assert_read_or_refused
from tests.documents.doc_files import P, doc_file, old_doc_file
from tests.documents.ole_files import ole_file

pytestmark = pytest.mark.once


def blocks(*paragraphs: P, compressed: bool = False, footnotes: tuple[P, ...] = ()) -> tuple[Block, ...]:
    return load(doc_file(*paragraphs, compressed=compressed, footnotes=footnotes), "a.doc").blocks


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.doc")
    return refused.value.code


@pytest.mark.parametrize("compressed", [True, False], ids=["one-byte", "two-bytes"])
def test_headings_paragraphs_and_lists_come_in_their_order(compressed: bool) -> None:
    assert blocks(
        P("Handbook", doc_files.HEADING_1),
        P("Thirty “days” of leave."),
        P("a key", doc_files.LIST_BULLET),
        P("a lamp", modifiers=doc_files.LISTED),
        P("Detäils", doc_files.HEADING_2),
        P("By outline", modifiers=doc_files.OUTLINE_2),
        P("By the style it is based on", doc_files.OWN),
        P("The end."),
        compressed=compressed,
    ) == (
        Block("heading", "Handbook", level=1),
        Block("paragraph", "Thirty “days” of leave."),
        Block("list", "- a key\n- a lamp"),
        Block("heading", "Detäils", level=2),
        Block("heading", "By outline", level=2),
        Block("heading", "By the style it is based on", level=1),
        Block("paragraph", "The end."),
    )


def test_other_scripts_are_read() -> None:
    assert blocks(P("Привет, 世界 😀"))[0].text == "Привет, 世界 😀"


def test_cells_become_a_table() -> None:
    def cell(text: str) -> P:
        return P(text, modifiers=doc_files.IN_TABLE, end="\x07")

    row_end = P("", modifiers=doc_files.ROW_END, end="\x07")
    two_lines = (P("one", modifiers=doc_files.IN_TABLE), cell("two"))
    found = blocks(
        P("Prices:"),
        cell("Plan"),
        cell("Price"),
        row_end,
        *two_lines,
        cell(""),
        row_end,
        cell("Pro"),
        cell("9"),
        row_end,
    )
    assert found[1] == Block("table", "| Plan | Price |\n|-|-|\n| one two |  |\n| Pro | 9 |")


def test_what_a_field_shows_is_read_and_how_it_is_made_is_not() -> None:
    link = 'See \x13 HYPERLINK "http://x" \x14the \x13 PAGE \x14page\x15\x15 there.\x13 XE "index" \x15'
    assert blocks(P(link))[0].text == "See the page there."


def test_hidden_and_deleted_text_is_left_out() -> None:
    found = blocks(P("Seen."), P("hidden", look=doc_files.HIDDEN), P("deleted", look=doc_files.DELETED), P("Seen too."))
    assert [block.text for block in found] == ["Seen.", "Seen too."]


def test_special_characters_are_what_they_look_like() -> None:
    assert blocks(P("a\x0bline\x1ebreak\x1f\x01\x02"))[0].text == "a\nline-break"


def test_footnotes_follow_the_text() -> None:
    assert [block.text for block in blocks(P("Text."), footnotes=(P("A note."),))] == ["Text.", "A note."]


def test_the_first_heading_is_the_title() -> None:
    assert load(doc_file(P("Text."), P("Travel", doc_files.HEADING_1)), "a.doc").title == "Travel"
    assert load(doc_file(P("Text.")), "Costs.doc").title == "Costs"


def test_the_title_of_the_properties_comes_first() -> None:
    def titled(*properties: tuple[int, bytes]) -> str:
        more = {"\x05SummaryInformation": doc_files.property_set(*properties)}
        return load(doc_file(P("Travel", doc_files.HEADING_1), more=more), "a.doc").title

    in_bytes, in_utf_16, russian = 0x1E, 0x1F, (1, struct.pack("<IH", 2, 1251))
    assert titled((2, struct.pack("<II", in_bytes, 7) + b"Caf\xe9 A\0")) == "Café A"
    assert titled(russian, (2, struct.pack("<II", in_bytes, 4) + "Ещё\0".encode("cp1251"))) == "Ещё"
    assert titled((2, struct.pack("<II", in_utf_16, 4) + "Plan".encode("utf-16-le"))) == "Plan"
    assert titled((2, struct.pack("<II", in_bytes, 13) + b"Word Document")) == "Travel"


def test_properties_that_are_made_up_do_no_harm() -> None:
    endless = struct.pack("<II", 0x101E, 0xFFFFFFFF) + b"\xff" * 4000
    more = {"\x05SummaryInformation": doc_files.property_set((2, endless), (3, endless))}
    assert load(doc_file(P("Text."), more=more), "a.doc").title == "a"
    assert load(doc_file(P("Text."), more={"\x05SummaryInformation": b"\xff" * 5000}), "a.doc").title == "a"


def test_the_text_of_word_95_is_read() -> None:
    found = load(old_doc_file(b"A letter\rof 1995: \x80 5\r"), "a.doc").blocks
    assert [block.text for block in found] == ["A letter", "of 1995: € 5"]


def test_a_document_with_a_password_is_refused() -> None:
    assert refusal(doc_file(P("Text."), flags=0x0100)) == "encrypted"


def test_a_document_without_text_is_refused() -> None:
    assert refusal(doc_file(P(""))) == "empty"


def test_a_document_without_its_table_is_refused() -> None:
    assert refusal(ole_file({"WordDocument": struct.pack("<HH", 0xA5EC, 0xC1) + bytes(2000)})) == "corrupt"


def test_pieces_that_say_there_is_more_text_than_there_is_are_refused() -> None:
    whole = doc_file(P("Text."))
    pieces = b"\x02" + struct.pack("<IIII", 16, 0, 6, 0)[:12]
    assert pieces in whole
    assert refusal(whole.replace(pieces, b"\x02" + struct.pack("<III", 16, 0, 0xFFFFFF))) == "corrupt"


def test_a_damaged_document_is_read_or_refused() -> None:
    row = [P("cell", modifiers=doc_files.IN_TABLE, end="\x07"), P("", modifiers=doc_files.ROW_END, end="\x07")]
    assert_read_or_refused(doc_file(P("Title", doc_files.HEADING_1), P("Text."), *row, footnotes=(P("N"),)), "a.doc")
