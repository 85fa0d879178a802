"""Presentations of the years before .pptx: each slide is a page under its title."""

import struct

import olefile
import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load
from tests.documents.damage import assert_read_or_refused
from tests.documents.ole_files import ole_file
from tests.documents.ppt_files import BODY, OTHER, TITLE, Slide, container, ppt_file, record, said, shape

pytestmark = pytest.mark.once


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.ppt")
    return refused.value.code


def test_a_slide_is_a_page_under_its_title() -> None:
    loaded = load(
        ppt_file(
            Slide([(TITLE, "Budget\x0b2024"), (BODY, "Rent\rHeat"), (OTHER, "One line")], boxes=["Привет", " "]),
            Slide([(TITLE, "Staff"), (BODY, "Only one point")]),
        ),
        "a.ppt",
    )
    assert loaded.title == "Budget 2024"
    assert loaded.blocks == (
        Block("heading", "Budget 2024", level=1, page=1),
        Block("list", "- Rent\n- Heat", page=1),
        Block("paragraph", "One line", page=1),
        Block("paragraph", "Привет", page=1),
        Block("heading", "Staff", level=1, page=2),
        Block("paragraph", "Only one point", page=2),
    )


def test_a_slide_without_a_title_has_its_number_and_one_without_text_still_counts() -> None:
    loaded = load(ppt_file(Slide(boxes=["First"]), Slide(), Slide(boxes=["Third"])), "Talk.ppt")
    assert [(block.text, block.page) for block in loaded.blocks] == [
        ("Slide 1", 1), ("First", 1), ("Slide 3", 3), ("Third", 3),
    ]  # fmt: skip
    assert loaded.title == "Talk"


def test_cells_are_put_where_they_lie() -> None:
    found = load(ppt_file(Slide(table=[["Plan", "Price"], ["Basic", "5"], ["Pro", "9"]])), "a.ppt").blocks
    assert found[1] == Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 |\n| Pro | 9 |", page=1)


def test_speaker_notes_stand_under_their_slide_and_are_marked() -> None:
    found = load(ppt_file(Slide(boxes=["A"]), Slide(boxes=["B"], notes="Say hello.\rSmile.")), "a.ppt").blocks
    assert found[-2:] == (
        Block("heading", "Speaker notes", level=2, page=2),
        Block("paragraph", "Say hello.\nSmile.", page=2),
    )


def test_footers_are_left_out_and_shapes_in_groups_are_read() -> None:
    group = container(0xF003, shape(), container(0xF003, shape(), shape(container(0xF00D, said(OTHER, "Deep")))))
    found = load(ppt_file(Slide(boxes=["Text"], footer="Confidential", raw=group)), "a.ppt").blocks
    assert [block.text for block in found] == ["Slide 1", "Text", "Deep"]


def test_groups_without_end_are_left_out() -> None:
    group = b""
    for _ in range(900):
        group = container(0xF003, group)
    assert load(ppt_file(Slide(boxes=["Text"], raw=group)), "a.ppt").blocks[1].text == "Text"


def test_the_last_save_is_found_without_the_stream_that_names_it() -> None:
    assert load(ppt_file(Slide(boxes=["Text"]), lost_edit=True), "a.ppt").blocks[1].text == "Text"


def test_a_file_for_two_versions_of_powerpoint_is_read() -> None:
    inner = ppt_file(Slide(boxes=["Text"]), folder="PP97_DUALSTORAGE/")
    with pytest.raises(LoadError):
        load(ole_file({"PowerPoint Document": b"x"}), "a.ppt")
    assert load(_with_old_stream(inner), "a.ppt").blocks[1].text == "Text"


def _with_old_stream(data: bytes) -> bytes:
    with olefile.OleFileIO(data) as source:
        streams = {"/".join(map(str, path)): source.openstream(path).read() for path in source.listdir()}
    return ole_file({"PowerPoint Document": b"old", **streams})


def test_a_presentation_with_a_password_is_refused() -> None:
    assert refusal(ppt_file(Slide(boxes=["Text"]), token=0xF3D1C4DF)) == "encrypted"


def test_a_presentation_of_pictures_alone_is_refused() -> None:
    assert refusal(ppt_file(Slide(), Slide())) == "empty"


def test_a_presentation_without_its_directory_is_refused() -> None:
    assert refusal(ole_file({"PowerPoint Document": container(0x03E8), "Current User": bytes(40)})) == "corrupt"


def test_a_list_that_names_the_same_slide_again_and_again_is_read_once() -> None:
    data = ppt_file(Slide(boxes=["Text"]), Slide(boxes=["More"]), Slide(boxes=["Last"]))
    first, second = (record(0x03F3, struct.pack("<5I", number, 0, 0, 257, 0)) for number in (2, 3))
    same = data.replace(second, first)
    assert [block.text for block in load(same, "a.ppt").blocks] == ["Slide 1", "Text", "Slide 3", "Last"]


def test_a_damaged_presentation_is_read_or_refused() -> None:
    slides = (Slide([(TITLE, "One"), (BODY, "a\rb")], notes="N"), Slide(table=[["a", "b"], ["c", "d"]]))
    assert_read_or_refused(ppt_file(*slides), "a.ppt")
