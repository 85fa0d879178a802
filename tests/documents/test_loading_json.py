"""JSON becomes names and values that can be read."""

import json
from typing import Any

import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load

pytestmark = pytest.mark.once


def blocks(value: Any) -> tuple[Block, ...]:
    return load(json.dumps(value).encode(), "a.json").blocks


def test_an_array_of_flat_objects_is_a_table() -> None:
    assert blocks([{"plan": "Basic", "price": 5}, {"plan": "Pro", "tested": True}]) == (
        Block("table", "| plan | price | tested |\n|-|-|-|\n| Basic | 5 |  |\n| Pro |  | yes |"),
    )


def test_lines_of_json_are_such_an_array() -> None:
    assert load(b'{"a": 1, "b": 2}\n\n{"a": 3, "b": 4}\n', "a.jsonl").blocks == (
        Block("table", "| a | b |\n|-|-|\n| 1 | 2 |\n| 3 | 4 |"),
    )


def test_names_become_headings_and_paths() -> None:
    value = {
        "title": "Library",
        "open": None,
        "tags": ["quiet", "free"],
        "address": {"street": "Mill Lane", "town": {"name": "York", "code": 4}},
        "staff": [{"name": "Ada", "phones": [1, 2]}, {"name": "Bob", "phones": []}],
    }
    assert blocks(value) == (
        Block("list", "- title: Library\n- tags: quiet, free"),
        Block("heading", "address", level=1),
        Block("list", "- street: Mill Lane"),
        Block("heading", "town", level=2),
        Block("list", "- name: York\n- code: 4"),
        Block("heading", "staff", level=1),
        Block("list", "- [1].name: Ada\n- [1].phones: 1, 2"),
        Block("list", "- [2].name: Bob"),
    )
    assert load(json.dumps(value).encode(), "a.json").title == "Library"


@pytest.mark.parametrize("value", ["a word", 12, ["one", "two"]])
def test_any_value_is_read(value: object) -> None:
    assert len(blocks(value)) == 1


@pytest.mark.parametrize("value", [{}, [], None, [{}, {}], {"a": [None, ""]}])
def test_nothing_is_no_text(value: object) -> None:
    with pytest.raises(LoadError) as refused:
        blocks(value)
    assert refused.value.code == "empty"


@pytest.mark.parametrize("data", [b'{"a": 1', b'{"a": 1}\n{"a": ', b"[" * 100_000, b'{"a":' * 100_000])
def test_broken_json_is_refused(data: bytes) -> None:
    with pytest.raises(LoadError) as refused:
        load(data, "a.json")
    assert refused.value.code == "corrupt"
