"""Blocks become one clean text, and every block can be found in it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.blocks import Block, flatten, normalise

pytestmark = pytest.mark.once

# Text with everything that is hard to store: NUL, lone surrogates, all kinds of line ends and spaces.
anything = st.text(st.characters(exclude_categories=[]), max_size=60)
blocks = st.lists(
    st.builds(
        Block,
        kind=st.sampled_from(["heading", "paragraph", "list", "code", "table"]),
        text=anything,
        level=st.integers(0, 6),
        page=st.none() | st.integers(1, 9),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(anything)
def test_any_text_can_be_stored(text: str) -> None:
    clean = normalise(text)
    assert clean.encode() if clean else True
    assert not [c for c in clean if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert unicodedata.is_normalized("NFC", clean)
    assert all(line == line.rstrip() for line in clean.split("\n"))
    assert normalise(clean) == clean


@settings(max_examples=200, deadline=None)
@given(blocks)
def test_every_span_is_its_block(blocks: list[Block]) -> None:
    text = flatten(blocks)
    kept = [block for block in blocks if normalise(block.text).strip()]
    assert [(span.kind, span.page) for span in text.spans] == [(block.kind, block.page) for block in kept]
    for span, block in zip(text.spans, kept, strict=True):
        assert text.content[span.start : span.end].strip() == normalise(block.text).strip()
    assert text.content == "\n\n".join(text.content[span.start : span.end] for span in text.spans)


def test_letters_are_composed_and_line_ends_made_equal() -> None:
    assert normalise("Cafe\u0301  \r\nle\rsoir\x0cnuit\u2028fin\x00") == "Café\nle\nsoir\nnuit\nfin"


def test_invisible_marks_within_words_go() -> None:
    assert normalise("\ufeffdocu\xadmentation") == "documentation"


def test_half_a_surrogate_pair_goes_and_a_whole_one_is_its_character() -> None:
    assert normalise("a\ud83db \ud83d\ude00") == "ab 😀"


def test_a_block_knows_the_headings_above_it() -> None:
    text = flatten(
        [
            Block("paragraph", "before"),
            Block("heading", "Guide", level=1),
            Block("heading", "First\nsteps", level=3),
            Block("paragraph", "how to"),
            Block("heading", "Next", level=2),
            Block("paragraph", "more"),
        ]
    )
    assert [span.headings for span in text.spans] == [
        (),
        ("Guide",),
        ("Guide", "First steps"),
        ("Guide", "First steps"),
        ("Guide", "Next"),
        ("Guide", "Next"),
    ]


def test_code_keeps_its_indentation() -> None:
    assert flatten([Block("code", "\n    if x:\n        y\n\n")]).content == "    if x:\n        y"
