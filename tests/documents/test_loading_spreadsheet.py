"""Workbooks become tables: each sheet is a page under its name."""

import io
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook

from documents.blocks import Block, flatten
from documents.errors import LoadError
from documents.loading import load
from documents.splitting import split
from tests.documents.archives import laughs, with_part
from tests.documents.damage import assert_read_or_refused

pytestmark = pytest.mark.once

Rows = list[list[Any]]


def xlsx(write: Callable[[Any], object], title: str = "") -> bytes:
    book = Workbook()
    book.properties.title = title
    write(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet(rows: Rows, *merged: str, name: str = "Sheet") -> bytes:
    def write(book: Any) -> None:
        book.active.title = name
        for row in rows:
            book.active.append(row)
        for cells in merged:
            book.active.merge_cells(cells)

    return xlsx(write)


def xls(**sheets: Rows) -> bytes:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        added = book.add_sheet(name)
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                style = (
                    xlwt.easyxf(num_format_str="YYYY-MM-DD") if isinstance(value, date) else xlwt.Style.default_style
                )
                added.write(y, x, value, style)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def found(rows: Rows, *merged: str) -> list[str]:
    """The texts of a sheet's blocks below its name."""
    return [block.text for block in load(sheet(rows, *merged), "a.xlsx").blocks[1:]]


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.xlsx")
    return refused.value.code


PRICES: Rows = [["Plan", "Price"], ["Basic", 5], ["Pro", 9.5]]
TABLE = "| Plan | Price |\n|-|-|\n| Basic | 5 |\n| Pro | 9.5 |"


@pytest.mark.parametrize("data", [sheet(PRICES, name="Prices"), xls(Prices=PRICES)], ids=["xlsx", "xls"])
def test_a_sheet_is_a_page_under_its_name(data: bytes) -> None:
    loaded = load(data, "costs.xls")
    assert loaded.title == "costs"
    assert loaded.blocks == (Block("heading", "Prices", level=1, page=1), Block("table", TABLE, page=1))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (45000, "45000"),
        (45000.0, "45000"),
        (0.1 + 0.2, "0.3"),
        (-12345678901234, "-12345678901234"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (date(2024, 3, 5), "2024-03-05"),
        (datetime.fromisoformat("2024-03-05 14:30"), "2024-03-05 14:30"),
        (datetime.fromisoformat("2024-03-05 14:30:09"), "2024-03-05 14:30:09"),
        (clock(9, 5), "09:05"),
        (timedelta(hours=30, minutes=5), "30:05"),
        ("  a | b\nc ", "a \\| b c"),
    ],
    ids=str,
)
def test_values_are_shown_as_a_person_writes_them(value: Any, shown: str) -> None:
    assert found([["a", "b"], [value, "x"]]) == [f"| a | b |\n|-|-|\n| {shown} | x |"]


def test_dates_of_old_workbooks_are_dates() -> None:
    assert "| 2024-03-05 | x |" in load(xls(S=[["a", "b"], [date(2024, 3, 5), "x"]]), "a.xls").blocks[1].text


def test_empty_rows_and_columns_are_left_out() -> None:
    assert found([[], [None, "Plan", None, "Price"], [None, "Basic", None, 5], [], [None, "Pro", None, 9.5]]) == [TABLE]


def test_a_line_above_a_table_is_its_heading() -> None:
    rows: Rows = [["Costs"], ["All in euros."], [], ["Plans"], *PRICES, [], ["Source: us."]]
    blocks = load(sheet(rows), "a.xlsx").blocks
    assert blocks[1:] == (
        Block("paragraph", "Costs\nAll in euros.", page=1),
        Block("heading", "Plans", level=2, page=1),
        Block("table", TABLE, page=1),
        Block("paragraph", "Source: us.", page=1),
    )


def test_tables_below_each_other_are_told_apart_by_their_headers() -> None:
    assert found([*PRICES, [], ["Region", "2023", 2024], ["North", 1, 2]]) == [
        TABLE,
        "| Region | 2023 | 2024 |\n|-|-|-|\n| North | 1 | 2 |",
    ]


def test_sections_of_a_table_stay_together() -> None:
    rows: Rows = [["Plan", "Price"], ["Basic", 5], [], ["For teams"], ["Pro", 9.5], [], ["Max", "–"]]
    assert found(rows) == ["| Plan | Price |\n|-|-|\n| Basic | 5 |\n| For teams |  |\n| Pro | 9.5 |\n| Max | – |"]


def test_headers_of_several_rows_become_one() -> None:
    rows: Rows = [["", 2023, None, "Total"], ["Region", "Jan", "Feb", None], ["North", 1, 2, 3]]
    assert found(rows, "B1:C1") == ["| Region | 2023 Jan | 2023 Feb | Total |\n|-|-|-|-|\n| North | 1 | 2 | 3 |"]


def test_merged_cells_say_the_same_in_each_row() -> None:
    rows: Rows = [["Prices in 2024", None], ["Plan", "Price"], ["Basic", 5], [None, 6]]
    assert found(rows, "A1:B1", "A3:A4") == [
        "Prices in 2024",
        "| Plan | Price |\n|-|-|\n| Basic | 5 |\n| Basic | 6 |",
    ]


def test_hidden_sheets_are_left_out_and_still_count() -> None:
    def write(book: Any) -> None:
        book.active.title = "First"
        for name, state in (("Secret", "hidden"), ("Deep", "veryHidden"), ("Empty", "visible"), ("Last", "visible")):
            added = book.create_sheet(name)
            added.sheet_state = state
            if name != "Empty":
                added["B2"] = name
        book.active["A1"] = "Hello"

    assert [(block.text, block.page) for block in load(xlsx(write), "a.xlsx").blocks] == [
        ("First", 1), ("Hello", 1), ("Last", 5), ("Last", 5),
    ]  # fmt: skip


def test_each_passage_of_a_long_table_begins_with_its_header() -> None:
    rows: Rows = [["Name", "Town", "Size"], *[[f"Name {number}", "Springfield", number] for number in range(200)]]
    text = flatten(load(sheet(rows), "a.xlsx").blocks)
    pieces = split(text, lambda texts: [len(one) // 2 + 2 for one in texts])
    assert len(pieces) > 10
    for piece in pieces:
        assert "| Name | Town | Size |" in text.content[piece.start : piece.end]


def test_a_long_sheet_and_a_wide_one_are_read_quickly() -> None:
    book = Workbook(write_only=True)
    for height, width in ((20_000, 8), (40, 2_000)):
        added = book.create_sheet()
        for y in range(height):
            added.append([y * x for x in range(width)])
    file = io.BytesIO()
    book.save(file)
    begun = time.process_time()
    assert load(file.getvalue(), "a.xlsx").blocks
    assert time.process_time() - begun < 5


def test_the_title_is_that_of_the_properties() -> None:
    assert load(xlsx(lambda book: book.active.append(["x"]), title="Price list"), "a.xlsx").title == "Price list"


@pytest.mark.parametrize("data", [sheet([]), xls(Empty=[])], ids=["xlsx", "xls"])
def test_a_workbook_without_a_filled_cell_is_refused(data: bytes) -> None:
    assert refusal(data) == "empty"


def test_a_cell_far_out_is_refused() -> None:
    far = with_part(sheet(PRICES), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'"B3"', b'"XFD1048576"'))
    assert refusal(far) == "too_big"


def test_a_workbook_with_a_password_is_refused() -> None:
    code_page, password = b"\x42\x00\x02\x00\xb0\x04", b"\x2f\x00\x02\x00\x00\x00"
    data = xls(Prices=PRICES)
    assert code_page in data
    assert refusal(data.replace(code_page, password, 1)) == "encrypted"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_entities_are_not_expanded(part: str) -> None:
    def hostile(xml: bytes) -> bytes:
        rest = xml.split(b"?>", 1)[-1].replace(b"Basic", b"[&a11;&file;]").replace(b"Sheet<", b"&a11;<")
        return laughs("x").encode() + rest

    try:
        loaded = load(with_part(sheet(PRICES), part, hostile), "a.xlsx")
    except LoadError as refused:
        assert refused.code == "corrupt"  # noqa: PT017
    else:
        assert len(flatten(loaded.blocks).content) < 200


@pytest.mark.parametrize("data", [sheet(PRICES), xls(Prices=PRICES)], ids=["xlsx", "xls"])
def test_a_damaged_workbook_is_read_or_refused(data: bytes) -> None:
    assert_read_or_refused(data, "a.xlsx")
