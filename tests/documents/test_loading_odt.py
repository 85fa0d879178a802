"""OpenDocument texts, sheets and presentations become blocks."""

import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load
from tests.documents.archives import archive, laughs
from tests.documents.damage import assert_read_or_refused

pytestmark = pytest.mark.once

_OASIS = {kind: f"{kind}:1.0" for kind in "office text table style presentation meta".split()}
_OASIS |= {"draw": "drawing:1.0", "svg": "svg-compatible:1.0"}
NAMES = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}"' for short, name in _OASIS.items())
STYLES = (
    '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>'
    '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="T" style:family="table"><style:table-properties table:display="false"/></style:style>'
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>'
    '<text:list-level-style-bullet text:level="2"/></text:list-style>'
)


def document(body: str, kind: str = "text", doctype: str = "", title: str = "", manifest: str = "<x/>") -> bytes:
    content = (
        f"{doctype}<office:document-content {NAMES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    told = f'<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">{title}</dc:title>'
    meta = f"<office:document-meta {NAMES}><office:meta>{told}</office:meta></office:document-meta>"
    return archive(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content,
            "meta.xml": meta,
            "META-INF/manifest.xml": manifest,
        }
    )


def blocks(body: str, kind: str = "text") -> tuple[Block, ...]:
    return load(document(body, kind), "a.odt").blocks


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.odt")
    return refused.value.code


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


def row(*texts: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(map(cell, texts))}</table:table-row>"


def test_headings_paragraphs_and_tables_come_in_their_order() -> None:
    assert blocks(
        '<text:p text:style-name="P1">Handbook</text:p><text:section><text:h text:outline-level="2">Leave</text:h>'
        '<text:p>Thirty <text:span>days</text:span>,<text:s text:c="2"/>a<text:tab/>b<text:line-break/>c\n d</text:p>'
        f"</text:section><table:table><table:table-header-rows>{row('Plan', 'Price')}</table:table-header-rows>"
        f"{row('Basic', '5')}</table:table>"
    ) == (
        Block("heading", "Handbook", level=1),
        Block("heading", "Leave", level=2),
        Block("paragraph", "Thirty days,  a\tb\nc d"),
        Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 |"),
    )


def test_lists_keep_their_nesting() -> None:
    inner = "<text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list>"
    assert blocks(
        f'<text:list text:style-name="L1"><text:list-item><text:p>one</text:p>{inner}</text:list-item>'
        "<text:list-item><text:p>two</text:p></text:list-item></text:list>"
    ) == (Block("list", "1. one\n   - inner\n2. two"),)


def test_a_heading_in_a_list_is_a_heading() -> None:
    body = '<text:list><text:list-item><text:h text:outline-level="1">Pay</text:h></text:list-item></text:list>'
    assert blocks(body) == (Block("heading", "Pay", level=1),)


def test_what_was_deleted_or_is_hidden_or_is_a_remark_is_left_out() -> None:
    assert blocks(
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>Kept<text:change/><office:annotation><text:p>remark</text:p></office:annotation>"
        '<text:span text:style-name="H">hidden</text:span>.</text:p>'
        "<text:table-of-content><text:index-body><text:p>Pay 3</text:p></text:index-body></text:table-of-content>"
    ) == (Block("paragraph", "Kept."),)


def test_notes_follow_their_paragraph() -> None:
    note = (
        "<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>See below.</text:p></text:note-body></text:note>"
    )
    assert [block.text for block in blocks(f"<text:p>Text{note} on.</text:p><text:p>Next.</text:p>")] == [
        "Text[1] on.",
        "[1] See below.",
        "Next.",
    ]


def test_frames_are_read_once_after_the_paragraph_that_holds_them() -> None:
    frame = "<draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box><svg:desc>x</svg:desc></draw:frame>"
    nested = frame.replace("In a box", f"Outer{frame}")
    assert [block.text for block in blocks(f"<text:p>Text{nested} on.</text:p>")] == ["Text on.", "Outer", "In a box"]


def test_cells_that_were_merged_say_the_same() -> None:
    spanning = cell("Basic", 'table:number-rows-spanned="2"')
    assert blocks(
        f"<table:table>{row('Plan', 'Price')}<table:table-row>{spanning}{cell('5')}</table:table-row>"
        f"<table:table-row><table:covered-table-cell/>{cell('6')}</table:table-row></table:table>"
    ) == (Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 |\n| Basic | 6 |"),)


def test_each_sheet_is_a_page_and_repeated_empty_cells_take_no_room() -> None:
    far = cell("", 'table:number-columns-repeated="1000000000"')
    twice = cell("7", 'table:number-columns-repeated="2"')
    rows = row("Plan", "Price") + row("Basic", "5 %") + f"<table:table-row>{twice}{far}</table:table-row>"
    rows += f'<table:table-row table:number-rows-repeated="1048576">{far}</table:table-row>'
    assert blocks(
        f'<table:table table:name="Prices">{rows}</table:table>'
        f'<table:table table:name="Secret" table:style-name="T">{row("x", "y")}</table:table>'
        f'<table:table table:name="Staff">{row("Ann")}</table:table>',
        "spreadsheet",
    ) == (
        Block("heading", "Prices", level=1, page=1),
        Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 % |\n| 7 | 7 |", page=1),
        Block("heading", "Staff", level=1, page=3),
        Block("paragraph", "Ann", page=3),
    )


def test_cells_beyond_all_bounds_are_refused() -> None:
    wide = cell("", 'table:number-columns-repeated="16000"') + cell("x")
    rows = f'<table:table-row table:number-rows-repeated="1000">{wide}</table:table-row>' * 50
    assert refusal(document(f"<table:table>{rows}</table:table>", "spreadsheet")) == "too_big"


def test_each_slide_is_a_page_under_its_title() -> None:
    def frame(text: str, kind: str = "") -> str:
        attribute = f'presentation:class="{kind}"' if kind else ""
        return f"<draw:frame {attribute}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"

    notes = f"<presentation:notes>{frame('5', 'page-number')}{frame('Say hello.', 'notes')}</presentation:notes>"
    shape = "<draw:g><draw:custom-shape><text:p>Arrow</text:p></draw:custom-shape></draw:g>"
    assert blocks(
        f"<draw:page>{frame('Text first')}{frame('Budget', 'title')}{frame('c', 'footer')}{shape}{notes}</draw:page>"
        f"<draw:page>{frame('')}</draw:page><draw:page>{frame('No title')}</draw:page>",
        "presentation",
    ) == (
        Block("heading", "Budget", level=1, page=1),
        Block("paragraph", "Text first", page=1),
        Block("paragraph", "Arrow", page=1),
        Block("heading", "Speaker notes", level=2, page=1),
        Block("paragraph", "Say hello.", page=1),
        Block("heading", "Slide 3", level=1, page=3),
        Block("paragraph", "No title", page=3),
    )


def test_the_title_is_that_of_the_properties_or_else_the_first_heading() -> None:
    heading = '<text:h text:outline-level="1">First</text:h>'
    assert load(document(heading, title="Travel policy"), "a.odt").title == "Travel policy"
    assert load(document(heading), "a.odt").title == "First"
    assert load(document("<text:p>Text.</text:p>"), "Costs.odt").title == "Costs"


def test_a_document_with_a_password_is_refused() -> None:
    manifest = '<manifest:manifest xmlns:manifest="urn:x"><manifest:encryption-data/></manifest:manifest>'
    assert refusal(document("<text:p>Text.</text:p>", manifest=manifest)) == "encrypted"


def test_a_document_without_text_is_refused() -> None:
    assert refusal(document("<text:p/>")) == "empty"


def test_entities_are_not_expanded() -> None:
    found = load(document("<text:p>Text &file; end</text:p>", doctype=laughs("x")), "a.odt").blocks
    assert found == (Block("paragraph", "Text  end"),)
    assert refusal(document("<text:p>&a11;</text:p>", doctype=laughs("x"))) in ("corrupt", "empty")


def test_a_damaged_document_is_read_or_refused() -> None:
    assert_read_or_refused(document('<text:h text:outline-level="1">One</text:h><text:p>Text.</text:p>'), "a.odt")
