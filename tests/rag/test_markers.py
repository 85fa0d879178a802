"""The markers of an answer: those of a source stay, invented ones go, and code is left as it is."""

import pytest

from documents.models import Document, Version
from rag.answering import _done
from rag.context import Source
from rag.generators.base import Finish
from rag.prompts import REFUSAL

SOURCES = {1: Source(Version(document=Document()), (), 0, 4, "Text", 1.0)}


@pytest.mark.parametrize(
    ("written", "text", "cited"),
    [
        ("It is blue [1].", "It is blue [1].", [1]),
        ("It is blue [1][7].", "It is blue [1].", [1]),
        ("It is blue [7].", "It is blue.", [1]),
        ("Use `sys.argv[0]` [1].", "Use `sys.argv[0]` [1].", [1]),
        ("See:\n```\nitems[7] = x[1]\n```\nDone [1].", "See:\n```\nitems[7] = x[1]\n```\nDone [1].", [1]),
        ("No markers at all.", "No markers at all.", [1]),
        ("A\0B\ud800 [1]", "AB [1]", [1]),
    ],
)
def test_only_markers_of_sources_are_left(written: str, text: str, cited: list[int]) -> None:
    done = _done(written, SOURCES, Finish("model"))
    assert (done.text, list(done.cited), done.grounded) == (text, cited, True)


@pytest.mark.parametrize("written", [f"{REFUSAL}.", REFUSAL.replace("'", "’"), "", "  \n"])
def test_a_refusal_cites_nothing(written: str) -> None:
    done = _done(written, SOURCES, Finish("model"))
    assert (done.grounded, done.cited) == (False, {})


def test_a_long_model_name_is_cut() -> None:
    assert len(_done("Yes [1].", SOURCES, Finish("m" * 300)).model) == 100
