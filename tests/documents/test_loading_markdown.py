"""Markdown becomes plain text in blocks."""

import pytest

from documents.blocks import Block
from documents.loading import load

pytestmark = pytest.mark.once


def blocks(source: str) -> tuple[Block, ...]:
    return load(source.encode(), "a.md").blocks


def test_both_kinds_of_headings_are_read() -> None:
    assert blocks("# One\n\nTwo\n---\n\n### Three ###") == (
        Block("heading", "One", level=1),
        Block("heading", "Two", level=2),
        Block("heading", "Three", level=3),
    )


def test_the_marks_of_the_syntax_go() -> None:
    source = (
        "Some **bold**, *slanted* and ~~old~~ text with `code`,\n[a link](https://example.org) and ![a picture](p.png)."
    )
    assert blocks(source) == (Block("paragraph", "Some bold, slanted and old text with code, a link and a picture."),)


def test_entities_and_escapes_are_characters() -> None:
    assert blocks(r"5 &gt; 3 \* 1 &amp; more<br>next <em>line</em>") == (
        Block("paragraph", "5 > 3 * 1 & more\nnext line"),
    )


def test_a_line_break_that_is_meant_stays() -> None:
    assert blocks("12 St James's Square  \nLondon") == (Block("paragraph", "12 St James's Square\nLondon"),)


def test_a_list_is_one_block_with_its_nesting() -> None:
    source = "* first\n  goes on\n* second\n  1. inner\n  2. next\n\n     with more\n* third"
    assert blocks(source) == (
        Block("list", "- first goes on\n- second\n  1. inner\n  2. next\n     with more\n- third"),
    )


def test_a_numbered_list_keeps_its_first_number() -> None:
    assert blocks("7. seven\n8. eight") == (Block("list", "7. seven\n8. eight"),)


def test_code_is_kept_as_it_is() -> None:
    source = "```python\ndef f():\n\n    return '**x**'\n```\n\n    indented()"
    found = blocks(source)
    assert [block.kind for block in found] == ["code", "code"]
    assert found[0].text.strip() == "def f():\n\n    return '**x**'"


def test_a_table_keeps_its_rows() -> None:
    source = "| Plan  | Price |\n|:------|------:|\n| Basic | **5** |\n| Pro | a\\|b |"
    assert blocks(source) == (Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 |\n| Pro | a\\|b |"),)


def test_quotes_are_read_like_other_text() -> None:
    assert blocks("> Said so.\n>\n> - twice") == (Block("paragraph", "Said so."), Block("list", "- twice"))


def test_html_within_is_read_as_html() -> None:
    source = "<!-- not this -->\n\n<details><summary>More</summary><p>Hidden <b>gem</b></p></details>\n\nEnd."
    assert [block.text for block in blocks(source)] == ["More", "Hidden gem", "End."]


def test_front_matter_gives_the_title() -> None:
    document = load(b'---\nlayout: page\ntitle: "The Policy"\n---\n# Other\n\nText.', "a.md")
    assert document.title == "The Policy"
    assert [block.text for block in document.blocks] == ["Other", "Text."]


def test_rules_at_the_beginning_are_no_front_matter() -> None:
    assert [block.text for block in blocks("---\n\nText.\n\n---\n\nMore.")] == ["Text.", "More."]


def test_the_highest_heading_is_the_title() -> None:
    assert load(b"## Aside\n\nText.\n\n# Main\n\nMore.", "a.md").title == "Main"


def test_deep_nesting_does_no_harm() -> None:
    nested = "".join("  " * depth + "- x\n" for depth in range(300))
    assert blocks(nested + "\nEnd.")
    assert blocks("> " * 2000 + "x\n\nEnd.")[-1].text == "End."
