"""HTML becomes what its reader reads."""

import pytest

from documents.blocks import Block
from documents.loading import load

pytestmark = pytest.mark.once


def blocks(body: str) -> tuple[Block, ...]:
    return load(f"<!DOCTYPE html><html><body>{body}</body></html>".encode(), "a.html").blocks


def texts(body: str) -> list[str]:
    return [block.text for block in blocks(body)]


def test_headings_and_paragraphs_are_read() -> None:
    assert blocks("<h1>One</h1><p>Some <b>bold</b>\n  text</p>loose<h3>Three <a href='#x'>¶</a></h3>") == (
        Block("heading", "One", level=1),
        Block("paragraph", "Some bold text"),
        Block("paragraph", "loose"),
        Block("heading", "Three", level=3),
    )


def test_a_break_is_a_line_and_unknown_elements_are_not() -> None:
    assert texts("<div>12 St James's Square<br>London</div><p>for the <ix:period>year</ix:period> 2021</p>") == [
        "12 St James's Square\nLondon",
        "for the year 2021",
    ]


@pytest.mark.parametrize(
    "unread",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<noscript>x</noscript>",
        "<nav>x</nav>",
        "<header>x</header>",
        "<footer>x</footer>",
        "<aside>x</aside>",
        "<form>x<input value=x></form>",
        "<button>x</button>",
        "<template>x</template>",
        "<svg><text>x</text></svg>",
        "<!-- x -->",
        "<p hidden>x</p>",
        "<p aria-hidden=true>x</p>",
        "<p style='color: red; display : NONE'>x</p>",
        "<div role=navigation>x</div>",
        "<div id=cookie-banner>x</div>",
        "<div class='fixed CookieConsent'>x</div>",
    ],
)
def test_what_nobody_reads_is_left_out(unread: str) -> None:
    assert texts(f"<p>Before it.</p>{unread}<p>After it.</p>") == ["Before it.", "After it."]


def test_a_form_around_the_whole_page_is_the_page() -> None:
    assert texts("<form><p>All of the text is in here.</p></form>") == ["All of the text is in here."]


def test_the_header_of_an_article_is_read() -> None:
    assert texts("<article><header><h1>Title</h1></header><p>Text.</p></article>") == ["Title", "Text."]


def test_the_main_part_is_preferred_if_it_holds_most_of_the_text() -> None:
    assert texts("<div>Menu</div><main><p>This is the page.</p></main><div>Contact</div>") == ["This is the page."]
    assert texts("<p>This is the page, long enough.</p><article>Teaser</article>")[0].startswith("This is")


def test_lists_keep_their_nesting() -> None:
    assert blocks(
        "<ul><li>one<ol start=3><li>inner</li><li>next</li></ol></li><li><p>two</p><p>more</p></li></ul>"
    ) == (Block("list", "- one\n  3. inner\n  4. next\n- two\n  more"),)


def test_code_is_kept_as_it_is() -> None:
    assert blocks("<pre><code>if x:\n    <b>y</b></code></pre>") == (Block("code", "if x:\n    y"),)


def test_tables_become_rows() -> None:
    body = """<table><caption>Prices</caption>
      <tr><th>Plan<th>Region<th>Price</tr>
      <tr><td rowspan=2>Basic<td>EU<td>5 | 6</tr>
      <tr><td>US<td>7</tr>
      <tr><td></tr>
      <tr><td colspan=2>Pro<td>9</tr></table>"""
    assert blocks(body)[-1] == Block(
        "table",
        "| Plan | Region | Price |\n|-|-|-|\n| Basic | EU | 5 \\| 6 |\n| Basic | US | 7 |\n| Pro |  | 9 |",
    )


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    assert texts("<table><tr><td><h1>Left</h1><p>One.</p></td><td>Two.</td></tr></table>") == ["Left", "One.", "Two."]
    assert texts("<table><tr><td>One.</td></tr><tr><td>Two.</td></tr></table>") == ["One.", "Two."]


def test_the_title_is_that_of_the_page() -> None:
    assert load(b"<html><head><title> The\n page </title></head><h1>Heading</h1>", "a.html").title == "The page"
    assert load(b"<html><h1>Heading</h1>", "a.html").title == "Heading"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("gbk", "gbk"), ("shift_jis", "shift-jis"), ("iso-8859-1", "cp1252"), ("utf-8", "cp1252"), ("nonsense", "utf-8")],
)
def test_the_encoding_is_the_declared_one_if_that_is_true(declared: str, encoding: str) -> None:
    text = "“Größe” – über" if encoding in ("cp1252", "utf-8") else "幸福"
    source = f'<html><head><meta charset="{declared}"></head><p>{text}</p></html>'
    assert load(source.encode(encoding), "a.html").blocks[0].text == text


def test_xhtml_is_read() -> None:
    source = b'<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><p>Text</p></html>'
    assert load(source, "a.xhtml").blocks[0].text == "Text"


def test_tags_that_are_never_closed_do_no_harm() -> None:
    assert "".join(texts("<div>" * 5000 + "Text")) == "Text"
    assert "Text" in "".join(texts("<ul><li>" * 1500 + "Text"))
