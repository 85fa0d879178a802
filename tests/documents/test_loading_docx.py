"""Word documents become blocks in their order."""

import io
import zipfile
from collections.abc import Callable, Mapping

import docx
import pytest
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from documents.blocks import Block, LoadedDocument
from documents.errors import LoadError
from documents.loading import load
from tests.documents.damage import assert_read_or_refused

pytestmark = pytest.mark.once


def written(write: Callable[[Document], object], title: str = "") -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    write(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def loaded(write: Callable[[Document], object], title: str = "") -> LoadedDocument:
    return load(written(write, title), "a.docx")


def bare(body: str, doctype: str = "", members: Mapping[str, bytes] | None = None) -> bytes:
    """A package of the three parts that a Word document cannot do without."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    content = f"{doctype}<w:document {nsdecls('w')}><w:body>{body}</w:body></w:document>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in (("[Content_Types].xml", types), ("_rels/.rels", relations), ("word/document.xml", content)):
            package.writestr(name, text)
        for name, data in (members or {}).items():
            package.writestr(name, data)
    return file.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def refusal(data: bytes) -> tuple[str, int]:
    with pytest.raises(LoadError) as refused:
        load(data, "a.docx")
    return refused.value.code, refused.value.status


def test_headings_paragraphs_and_tables_come_in_their_order() -> None:
    def write(document: Document) -> None:
        document.add_heading("Handbook", 0)
        document.add_heading("Leave", 1)
        document.add_paragraph("Thirty days.")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(
            [*table.rows[0].cells, *table.rows[1].cells], ["Plan", "Price", "Basic", "5"], strict=True
        ):
            cell.text = text
        document.add_heading("Details", 2)
        document.add_paragraph("More.")

    assert loaded(write).blocks == (
        Block("heading", "Handbook", level=1),
        Block("heading", "Leave", level=1),
        Block("paragraph", "Thirty days."),
        Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 |"),
        Block("heading", "Details", level=2),
        Block("paragraph", "More."),
    )


def test_lists_are_one_block_with_their_markers() -> None:
    def write(document: Document) -> None:
        document.add_paragraph("You need:")
        document.add_paragraph("a key", style="List Bullet")
        document.add_paragraph("a lamp", style="List Bullet")
        document.add_paragraph("Then.")
        document.add_paragraph("Go.", style="List Number")
        document.add_paragraph("See.", style="List Number")

    assert loaded(write).blocks == (
        Block("paragraph", "You need:"),
        Block("list", "- a key\n- a lamp"),
        Block("paragraph", "Then."),
        Block("list", "1. Go.\n2. See."),
    )


def test_cells_that_were_merged_leave_empty_ones() -> None:
    def write(document: Document) -> None:
        table = document.add_table(rows=2, cols=3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "Wide"
        for column, text in enumerate(["a", "b", "c"]):
            table.cell(1, column).text = text

    assert loaded(write).blocks == (Block("table", "| Wide |  |  |\n|-|-|-|\n| a | b | c |"),)


def test_a_frame_of_one_cell_is_no_table() -> None:
    def write(document: Document) -> None:
        document.add_table(rows=1, cols=1).cell(0, 0).text = "A note."

    assert loaded(write).blocks == (Block("paragraph", "A note."),)


def test_text_in_controls_links_and_insertions_is_read_and_deleted_text_is_not() -> None:
    body = (
        f"<w:sdt><w:sdtContent>{paragraph('In a control.')}</w:sdtContent></w:sdt>"
        "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t xml:space='preserve'> added</w:t><w:tab/><w:t>tab</w:t><w:br/><w:t>line</w:t></w:r></w:ins>"
        "<w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>"
    )
    assert [block.text for block in load(bare(body), "a.docx").blocks] == ["In a control.", "Kept added\ttab\nlinelink"]


def test_a_drawing_is_read_once() -> None:
    def write(document: Document) -> None:
        document.add_paragraph()._p.append(
            parse_xml(
                f'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
                f"{nsdecls('w')}><mc:Choice Requires='wps'>{paragraph('In a box')}</mc:Choice>"
                f"<mc:Fallback>{paragraph('In a box')}</mc:Fallback></mc:AlternateContent>"
            )
        )

    assert loaded(write).blocks == (Block("paragraph", "In a box"),)


def test_the_title_is_that_of_the_properties_or_else_the_first_heading() -> None:
    assert loaded(lambda document: document.add_heading("Heading", 1), title="Travel policy").title == "Travel policy"
    assert loaded(lambda document: document.add_heading("Heading", 1)).title == "Heading"
    assert loaded(lambda document: document.add_paragraph("Text.")).title == "a"


def test_a_package_without_styles_is_read() -> None:
    assert load(bare(paragraph("Hello.")), "chat.docx").blocks == (Block("paragraph", "Hello."),)


def test_a_document_by_another_name_is_read() -> None:
    assert load(bare(paragraph("Hello.")), "renamed.pdf").blocks[0].text == "Hello."


def test_a_document_without_text_is_refused() -> None:
    assert refusal(bare("<w:p/>")) == ("empty", 422)


def test_a_damaged_document_is_refused() -> None:
    whole = written(lambda document: document.add_paragraph("Text."))
    assert refusal(whole[: len(whole) // 2]) == ("corrupt", 422)
    assert refusal(bare("<w:p>")) == ("corrupt", 422)


def test_what_is_small_only_while_packed_is_refused() -> None:
    assert refusal(bare(paragraph("a" * 5_000_000))) == ("too_big", 413)
    many = {f"word/part{number}.xml": b"<x/>" for number in range(5_000)}
    assert refusal(bare(paragraph("x"), members=many)) == ("too_big", 413)


def test_an_empty_picture_may_be_packed_well() -> None:
    assert load(bare(paragraph("Text."), members={"word/media/image1.bmp": bytes(5_000_000)}), "a.docx").blocks


def test_entities_are_not_expanded() -> None:
    nested = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<!DOCTYPE x [<!ENTITY a0 "lol">{nested}]>'
    assert refusal(bare(paragraph("&a11;"), laughs)) == ("corrupt", 422)
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    document = load(bare(paragraph("&a;") + paragraph("Text."), outside), "a.docx")
    assert [block.text for block in document.blocks] == ["Text."]


def test_a_template_or_macro_file_is_refused() -> None:
    file = io.BytesIO(written(lambda document: document.add_paragraph("Text.")))
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b"wordprocessingml.document.main", b"wordprocessingml.template.main"))
    assert refusal(changed.getvalue()) == ("unsupported_type", 415)


def test_cells_in_controls_are_read_and_those_that_span_rows_say_the_same() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"

    def control(content: str) -> str:
        return f"<w:sdt><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    first = f"<w:tr>{cell('Plan')}{control(cell('Price'))}</w:tr>"
    starting = '<w:vMerge w:val="restart"/>'
    second = f"<w:tr>{cell('Basic', starting)}{cell('5')}</w:tr>"
    third = control(f"<w:tr>{cell('', '<w:vMerge/>')}{cell('6')}</w:tr>")
    assert load(bare(f"<w:tbl><w:tblPr/><w:tblGrid/>{first}{second}{third}</w:tbl>"), "a.docx").blocks == (
        Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 |\n| Basic | 6 |"),
    )


def test_notes_follow_the_text() -> None:
    def write(document: Document) -> None:
        document.add_paragraph("Text.")
        lines = f'<w:footnote w:type="separator" w:id="0">{paragraph("-")}</w:footnote>'
        note = f'<w:footnote w:id="1">{paragraph("A note.")}</w:footnote>'
        notes = f"<w:footnotes {nsdecls('w')}>{lines}{note}</w:footnotes>"
        part = Part(PackURI("/word/footnotes.xml"), "application/xml", notes.encode(), document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    assert [block.text for block in loaded(write).blocks] == ["Text.", "A note."]


def test_hidden_text_is_left_out() -> None:
    def run(text: str, properties: str) -> str:
        return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"

    runs = run("Seen", '<w:vanish w:val="0"/>') + run("hidden", "<w:vanish/>") + run(".", "<w:b/>")
    assert load(bare(f"<w:p>{runs}</w:p>"), "a.docx").blocks[0].text == "Seen."


def test_a_damaged_document_of_any_kind_is_read_or_refused() -> None:
    assert_read_or_refused(bare(paragraph("Text.") + "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"), "a.docx")
