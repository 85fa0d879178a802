"""PowerPoint presentations become blocks: each slide is a page under its title."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.presentation import Presentation as Deck
from pptx.util import Inches

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load
from tests.documents.archives import archive, laughs, with_part
from tests.documents.damage import assert_read_or_refused

pytestmark = pytest.mark.once

TITLE_SLIDE, CONTENT, TITLE_ONLY, BLANK = 0, 1, 5, 6
PLACE = (Inches(1), Inches(1), Inches(4), Inches(2))


def written(write: Callable[[Deck], object], title: str = "") -> bytes:
    deck = Presentation()
    deck.core_properties.title = title
    write(deck)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def blocks(write: Callable[[Deck], object]) -> tuple[Block, ...]:
    return load(written(write), "a.pptx").blocks


def slide(deck: Deck, layout: int = BLANK, title: str = "") -> Any:
    added: Any = deck.slides.add_slide(deck.slide_layouts[layout])
    if title:
        added.shapes.title.text = title
    return added


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.pptx")
    return refused.value.code


def box(on: Any, text: str) -> Any:
    added = on.shapes.add_textbox(*PLACE)
    added.text_frame.text = text
    return added


def test_a_slide_is_a_page_under_its_title() -> None:
    def write(deck: Deck) -> None:
        first = slide(deck, TITLE_SLIDE, "Budget\v2024")
        first.placeholders[1].text = "Ann"
        second = slide(deck, CONTENT, "Costs")
        body = second.placeholders[1].text_frame
        body.text = "Rent"
        inner = body.add_paragraph()
        inner.text, inner.level = "Heat", 1
        box(second, "A note\nin two lines")

    loaded = load(written(write), "a.pptx")
    assert loaded.title == "Budget 2024"
    assert loaded.blocks == (
        Block("heading", "Budget 2024", level=1, page=1),
        Block("paragraph", "Ann", page=1),
        Block("heading", "Costs", level=1, page=2),
        Block("list", "- Rent\n  - Heat", page=2),
        Block("paragraph", "A note\nin two lines", page=2),
    )


def test_a_slide_without_a_title_has_its_number_and_one_without_text_still_counts() -> None:
    def write(deck: Deck) -> None:
        box(slide(deck), "First")
        slide(deck)
        hidden = slide(deck)
        hidden._element.set("show", "0")
        box(hidden, "Third")

    loaded = load(written(write), "Talk.pptx")
    assert [(block.text, block.page) for block in loaded.blocks] == [
        ("Slide 1", 1), ("First", 1), ("Slide 3", 3), ("Third", 3),
    ]  # fmt: skip
    assert loaded.title == "Talk"


def test_tables_are_read_and_cells_that_span_rows_say_the_same() -> None:
    def write(deck: Deck) -> None:
        table = slide(deck).shapes.add_table(3, 3, *PLACE).table
        for row, texts in enumerate([["Plan", "Price", ""], ["Basic", "5", "x"], ["", "6", "y"]]):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(1, 0).merge(table.cell(2, 0))

    assert blocks(write)[1] == Block(
        "table", "| Plan | Price |  |\n|-|-|-|\n| Basic | 5 | x |\n| Basic | 6 | y |", page=1
    )


def test_charts_are_tables_of_their_series() -> None:
    def write(deck: Deck) -> None:
        data = CategoryChartData()
        data.categories = ["North", "South"]
        data.add_series("2023", (1.1, 2.0))
        data.add_series("2024", (0.1 + 0.2, None))
        chart = slide(deck).shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *PLACE, data).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Sales"
        points = XyChartData()
        series = points.add_series("Growth")
        series.add_data_point(1, 10)
        slide(deck).shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *PLACE, points)

    assert blocks(write) == (
        Block("heading", "Slide 1", level=1, page=1),
        Block("paragraph", "Chart: Sales", page=1),
        Block("table", "| Category | 2023 | 2024 |\n|-|-|-|\n| North | 1.1 | 0.3 |\n| South | 2 |  |", page=1),
        Block("heading", "Slide 2", level=1, page=2),
        Block("table", "| Category | Growth |\n|-|-|\n| 1 | 10 |", page=2),
    )


def test_shapes_in_groups_are_read() -> None:
    def write(deck: Deck) -> None:
        group = slide(deck).shapes.add_group_shape()
        group.shapes.add_textbox(*PLACE).text_frame.text = "Outer"
        group.shapes.add_group_shape().shapes.add_textbox(*PLACE).text_frame.text = "Inner"

    assert [block.text for block in blocks(write)] == ["Slide 1", "Outer", "Inner"]


def test_speaker_notes_stand_under_their_slide_and_are_marked() -> None:
    def write(deck: Deck) -> None:
        slide(deck, TITLE_ONLY, "Budget").notes_slide.notes_text_frame.text = "Say hello.\nSmile."

    assert blocks(write)[1:] == (
        Block("heading", "Speaker notes", level=2, page=1),
        Block("paragraph", "Say hello.\nSmile.", page=1),
    )


def test_diagrams_are_lists() -> None:
    data = written(lambda deck: box(slide(deck), "Text"))
    frame = (
        '<p:graphicFrame xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphic>'
        '<a:graphicData><d:relIds xmlns:d="urn:d" xmlns:r="urn:r" r:dm="rId9"/></a:graphicData></a:graphic>'
        "</p:graphicFrame></p:spTree>"
    )
    point = '<d:pt><d:t><a:p xmlns:a="urn:a"><a:r><a:t>{}</a:t></a:r></a:p></d:t></d:pt>'
    points = "".join(map(point.format, ("Plan", "Do")))
    diagram = f'<d:dataModel xmlns:d="urn:d"><d:ptLst><d:pt/>{points}</d:ptLst></d:dataModel>'
    relation = '<Relationship Id="rId9" Type="x/diagramData" Target="../diagrams/data1.xml"/></Relationships>'
    data = with_part(data, "ppt/slides/slide1.xml", lambda xml: xml.replace(b"</p:spTree>", frame.encode()))
    rels = "ppt/slides/_rels/slide1.xml.rels"
    data = with_part(data, rels, lambda xml: xml.replace(b"</Relationships>", relation.encode()))
    data = with_part(data, "ppt/diagrams/data1.xml", lambda _: diagram.encode())
    assert load(data, "a.pptx").blocks[-1] == Block("list", "- Plan\n- Do", page=1)


def test_what_stands_on_every_slide_and_copies_for_old_programs_are_left_out() -> None:
    def write(deck: Deck) -> None:
        tree = slide(deck, TITLE_ONLY, "Budget").shapes._spTree
        names = (
            'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
            'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        )
        text = "<p:txBody><a:p><a:r><a:t>{}</a:t></a:r><a:br/><a:r><a:t>end</a:t></a:r></a:p></p:txBody>"
        shape = f"<p:sp {names}><p:nvSpPr><p:nvPr>{{}}</p:nvPr></p:nvSpPr>{text}</p:sp>"
        tree.append(parse_xml(shape.format('<p:ph type="ftr"/>', "Footer")))
        copies = "".join(f"<mc:{kind}>{shape.format('', kind)}</mc:{kind}>" for kind in ("Choice", "Fallback"))
        namespace = "http://schemas.openxmlformats.org/markup-compatibility/2006"
        tree.append(parse_xml(f'<mc:AlternateContent xmlns:mc="{namespace}">{copies}</mc:AlternateContent>'))

    assert [block.text for block in blocks(write)] == ["Budget", "Choice\nend"]


def test_the_title_is_that_of_the_properties_unless_nobody_chose_it() -> None:
    assert (
        load(written(lambda deck: slide(deck, TITLE_ONLY, "First"), "Travel policy"), "a.pptx").title == "Travel policy"
    )
    assert load(written(lambda deck: slide(deck, TITLE_ONLY, "First"), "PowerPoint Presentation"), "a").title == "First"


def test_slides_that_are_missing_or_named_again_do_no_harm() -> None:
    data = written(lambda deck: [box(slide(deck), text) for text in ("One", "Two")])
    relations = "ppt/_rels/presentation.xml.rels"
    again = with_part(data, relations, lambda xml: xml.replace(b"slides/slide2.xml", b"slides/slide1.xml"))
    gone = with_part(data, relations, lambda xml: xml.replace(b"slides/slide1.xml", b"slides/none.xml"))
    assert [block.text for block in load(again, "a.pptx").blocks] == ["Slide 1", "One"]
    assert [block.text for block in load(gone, "a.pptx").blocks] == ["Slide 2", "Two"]


def test_a_presentation_of_pictures_alone_is_refused() -> None:
    assert refusal(written(slide)) == "empty"


def test_a_presentation_without_its_list_of_slides_is_refused() -> None:
    assert refusal(archive({"[Content_Types].xml": "<x/>", "ppt/slides/slide1.xml": "<x/>"})) == "corrupt"


@pytest.mark.parametrize("part", ["ppt/presentation.xml", "ppt/slides/slide1.xml", "docProps/core.xml"])
def test_entities_are_not_expanded(part: str) -> None:
    data = written(lambda deck: box(slide(deck), "Text"), title="Title")

    def hostile(xml: bytes) -> bytes:
        head, rest = xml.split(b"?>", 1)
        rest = rest.replace(b"Text", b"&a11;&file;Text").replace(b"Title", b"&a11;&file;Title")
        return head + b"?>" + laughs("x").encode() + rest

    try:
        loaded = load(with_part(data, part, hostile), "a.pptx")
    except LoadError as refused:
        assert refused.code in ("corrupt", "empty")  # noqa: PT017
    else:
        assert len(loaded.title + "".join(block.text for block in loaded.blocks)) < 100


def test_a_damaged_presentation_is_read_or_refused() -> None:
    assert_read_or_refused(written(lambda deck: box(slide(deck, TITLE_ONLY, "Budget"), "Text")), "a.pptx")
