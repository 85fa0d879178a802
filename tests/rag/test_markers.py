"""The markers of an answer: those of a passage stay, invented ones go, also from what is shown while it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations.markers import MarkerFilter, filtered, markers_in

KNOWN = {1, 2}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It is blue [1].", "It is blue [1]."),
        ("It is blue [1][7].", "It is blue [1]."),
        ("It is blue [7].", "It is blue."),
        ("It is blue [1, 7].", "It is blue [1]."),
        ("It is blue [1-3].", "It is blue [1][2]."),
        ("It is blue [Passage 2].", "It is blue [2]."),
        ("It is blue 【1†source】.", "It is blue [1]."),
        ("Between [0, 10] and [x].", "Between [0, 10] and [x]."),
        ("In [2024], see [the page](https://example.org).", "In [2024], see [the page](https://example.org)."),
        ("Use `sys.argv[0]` [1].", "Use `sys.argv[0]` [1]."),
        ("See:\n```\nitems[7] = x[1]\n```\nDone [1].", "See:\n```\nitems[7] = x[1]\n```\nDone [1]."),
        ("Never `closed [9]\nbut [1].", "Never `closed\nbut [1]."),
        ("[7[8]]", "[7…]"),
        ("A\0B\ud800 [1]", "AB [1]"),
    ],
)
def test_only_markers_of_passages_are_left(written: str, shown: str) -> None:
    assert filtered(written, KNOWN) == shown


@given(
    st.lists(
        st.sampled_from(["[", "]", "1", "9", ",", "-", " ", "\n", "`", "```", "【", "】", "a", "passage "]), max_size=20
    ),
    st.integers(1, 4),
)
def test_a_text_that_comes_in_pieces_is_filtered_as_the_whole(parts: list[str], size: int) -> None:
    text = "".join(parts)
    keep = MarkerFilter(KNOWN)
    pieces = [keep.feed(text[place : place + size]) for place in range(0, len(text), size)]
    shown = "".join([*pieces, keep.close()])
    assert shown == filtered(text, KNOWN)
    assert set(markers_in(shown)) <= KNOWN


def test_what_is_no_marker_is_not_held_back() -> None:
    keep = MarkerFilter(KNOWN)
    assert [keep.feed(piece) for piece in ("It is [", "7", "]", " blue [a", " link]")] == [
        "It is",
        "",
        "",
        " blue",
        " [a link]",
    ]


def test_long_code_is_passed_on_as_it_is() -> None:
    code = "```\n" + "row[9] = row[8]\n" * 500 + "```\n"
    assert filtered(code, KNOWN) == code
