"""Rich Text becomes blocks, whichever program wrote it."""

import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load
from tests.documents.damage import assert_read_or_refused

pytestmark = pytest.mark.once

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0\uc1{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fnil\fcharset204{\*\fname T;}T CYR;}"
    r"{\f2\fcharset128 MS Gothic;}}{\colortbl;\red0\green0\blue0;}"
    r"{\stylesheet{\ql \snext0 Normal;}{\s1\outlinelevel0 berschrift;}{\s2 heading 2;}{\s3 Title;}{\*\cs10 Default;}}"
)


def blocks(body: str) -> tuple[Block, ...]:
    return load(f"{HEAD}{body}}}".encode("latin-1"), "a.rtf").blocks


def text(body: str) -> str:
    return "\n\n".join(block.text for block in blocks(body))


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.rtf")
    return refused.value.code


def test_headings_are_told_by_their_style_or_outline_level() -> None:
    assert blocks(
        r"\pard\s3 Handbook\par\pard\s1 Leave\par\pard Thirty\line days.\par\par"
        r"\pard\s2 Details\par\pard\outlinelevel2 Deep\par\pard\s1\outlinelevel9 No heading\par"
    ) == (
        Block("heading", "Handbook", level=1),
        Block("heading", "Leave", level=1),
        Block("paragraph", "Thirty\ndays."),
        Block("heading", "Details", level=2),
        Block("heading", "Deep", level=3),
        Block("paragraph", "No heading"),
    )


def test_lists_are_one_block_with_their_markers() -> None:
    assert blocks(
        r"\pard{\pntext\f3\'B7\tab}one\par{\pntext\f3\'B7\tab}two\par\pard Then.\par"
        r"\pard{\listtext\pard 1.\tab}Go.\par\ilvl1{\listtext\pard a)\tab}See.\par"
    ) == (
        Block("list", "- one\n- two"),
        Block("paragraph", "Then."),
        Block("list", "1. Go.\n  a) See."),
    )


def test_cells_become_a_table() -> None:
    assert blocks(
        r"\trowd\cellx1\cellx2\pard\intbl Plan\cell Price\cell\row"
        r"\trowd\clvmgf\cellx1\cellx2\pard\intbl Basic\par plan\cell 5\cell\row"
        r"\trowd\clvmrg\cellx1\cellx2\pard\intbl\cell 6\cell\row\pard After.\par"
    ) == (
        Block("table", "| Plan | Price |\n|-|-|\n| Basic plan | 5 |\n| Basic plan | 6 |"),
        Block("paragraph", "After."),
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"Caf\'e9", "Café"),
        (r"{\f1\'cf\'f0\'e8}", "При"),
        (r"{\f2\'83A\'83\'41}", "アア"),
        (r"\u8217?s \u-4064? \u-10179?\u-8704?", "’s \uf020 😀"),
        (r"{\uc2\u233\'c3\'a9}t\uc0\u233 s", "étés"),
        (r"\ansicpg1251\'cf", "П"),
        (r"\mac\'8e", "é"),
        ("Gr\u00f6\u00dfe", "Größe"),
        (r"\{a\}\\b\~c\_d\-e", "{a}\\b\xa0c-de"),
        (r"a\emdash b\endash c\lquote d\rquote\ldblquote e\rdblquote\bullet", "a—b–c‘d’“e”•"),
    ],
    ids=["code-page", "font", "two-bytes", "unicode", "skipped", "other-page", "macintosh", "raw", "signs", "words"],
)
def test_every_way_to_write_a_character_is_known(source: str, expected: str) -> None:
    assert text(rf"\pard {source}\par") == expected


def test_what_nobody_reads_is_left_out() -> None:
    assert (
        text(
            r"{\header Head\par}{\footer Foot\par}\pard A{\v hidden}{\deleted gone}{\*\bkmkstart mark}B"
            r'{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt C}}{\pict\wmetafile8 0102}{\*\unknown x}{\annotation y}'
            r"{\object{\*\objdata 0105}{\result D}}{\v \v0 E}\par"
        )
        == "ABCDE"
    )


def test_binary_data_is_passed_over() -> None:
    assert text("\\pard A{\\pict\\bin5 }}{\\x}B\\par") == "AB"


def test_notes_and_text_boxes_are_read() -> None:
    box = r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt\pard In a box.\par}}}"
    assert [block.text for block in blocks(rf"\pard Text{{\footnote\pard A note.\par}} and{box} more.\par")] == [
        "In a box.",
        "Text [A note.]  and more.",
    ]


def test_the_title_is_that_of_the_properties_or_else_the_first_heading() -> None:
    source = HEAD + r"{\info{\title B\'fccher}{\author Me}}\pard\s1 First\par}"
    assert load(source.encode(), "a.rtf").title == "Bücher"
    assert load((HEAD + r"\pard\s1 First\par}").encode(), "a.rtf").title == "First"


def test_what_follows_the_end_is_left_out() -> None:
    assert text(r"\pard Text\par}\pard more\par{") == "Text"


def test_a_file_that_was_cut_is_refused() -> None:
    assert refusal((HEAD + r"\pard Text\par").encode()) == "corrupt"


def test_groups_without_end_are_refused() -> None:
    assert refusal(b"{\\rtf1" + b"{" * 1_000_000) == "corrupt"


def test_a_file_without_text_is_refused() -> None:
    assert refusal((HEAD + "}").encode()) == "empty"


def test_a_damaged_file_is_read_or_refused() -> None:
    source = HEAD + r"\pard\s1 One\par\trowd\cellx1\pard\intbl a\cell b\cell\row{\shptxt x\par}{\footnote n\par}\par}"
    assert_read_or_refused(source.encode(), "a.rtf")
