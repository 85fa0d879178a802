"""CSV and its like: each part of a table says what its columns are."""

import pytest

from documents.blocks import Block, flatten
from documents.loading import load
from documents.splitting import split

pytestmark = pytest.mark.once


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_found(sign: str) -> None:
    source = sign.join(["plan", "price"]) + "\n" + sign.join(["Basic", "5.50"]) + "\n" + sign.join(["Pro", "9"])
    assert load(source.encode(), "prices.csv").blocks == (
        Block("table", "| plan | price |\n|-|-|\n| Basic | 5.50 |\n| Pro | 9 |"),
    )


def test_a_decimal_comma_is_no_sign_between_cells() -> None:
    source = b"plan;price\nBasic;5,50\nPro;9,00\n"
    assert load(source, "a.csv").blocks[0].text.splitlines()[2] == "| Basic | 5,50 |"


def test_the_name_or_the_first_line_may_say_the_sign() -> None:
    assert load(b"a\tb, c\n1\t2, 3\n", "a.tsv").blocks[0].text == "- a; b, c\n- 1; 2, 3"
    assert load(b"sep=|\na|b\n1|2\n", "a.csv").blocks[0].text == "| a | b |\n|-|-|\n| 1 | 2 |"


def test_quoted_cells_may_hold_signs_and_lines() -> None:
    source = b'name,note\n"Lovelace, Ada","first ""programmer""\nof all"\n'
    assert load(source, "a.csv").blocks[0].text.splitlines()[2] == '| Lovelace, Ada | first "programmer" of all |'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_encoding_is_read(encoding: str) -> None:
    source = "Straße,Größe\nÖlmühlweg,groß\n".encode(encoding)
    assert load(source, "a.csv").blocks[0].text == "| Straße | Größe |\n|-|-|\n| Ölmühlweg | groß |"


def test_rows_without_a_header_stay_as_they_are() -> None:
    source = b"Lorem, ipsum; dolor sit; amet\nconsectetur; adipiscing; elit\n"
    assert load(source, "a.csv").blocks == (
        Block("list", "- Lorem, ipsum; dolor sit; amet\n- consectetur; adipiscing; elit"),
    )


def test_each_passage_of_a_long_table_holds_its_header() -> None:
    source = "name,town\n" + "".join(f"Person {n},Town {n}\n" for n in range(200))
    text = flatten(load(source.encode(), "a.csv").blocks)
    pieces = split(text, lambda texts: [len(each.split()) for each in texts])
    assert len(pieces) > 5
    for piece in pieces:
        assert "| name | town |" in text.content[piece.start : piece.end]
    for number in range(200):
        assert text.content.count(f"| Person {number} | Town {number} |") == 1


def test_a_wide_table_becomes_names_and_values() -> None:
    names = [f"quite a long name of column {n}" for n in range(30)]
    source = ",".join(names) + "\n" + ",".join(str(n) if n % 2 else "" for n in range(30)) + "\n"
    block = load(source.encode(), "a.csv").blocks[0]
    assert block.kind == "list"
    assert block.text.splitlines()[:2] == ["- quite a long name of column 1: 1", "- quite a long name of column 3: 3"]


def test_rows_may_be_of_different_lengths() -> None:
    assert load(b"a,b\n1\n2,3,4\n", "a.csv").blocks[0].text == "| a | b |  |\n|-|-|-|\n| 1 |  |  |\n| 2 | 3 | 4 |"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n"], ids=["windows", "mac", "blank"])
def test_lines_may_end_as_they_like(end: str) -> None:
    assert load(end.join(["a,b", "1,2", ""]).encode(), "a.csv").blocks[0].text == "| a | b |\n|-|-|\n| 1 | 2 |"
