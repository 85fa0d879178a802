"""PDF files become paragraphs and headings that know their page."""

import pytest

from documents.blocks import Block
from documents.errors import BrokenFile, EncryptedFile, NoTextLayer
from documents.loading import load
from tests.documents.pdf_files import Row, make_pdf, rows

pytestmark = pytest.mark.once


def texts(*pages: list[Row]) -> list[str]:
    return [block.text for block in load(make_pdf(pages), "a.pdf").blocks]


def test_every_block_knows_its_page() -> None:
    document = load(make_pdf([rows("First page."), rows("Second page.")]), "a.pdf")
    assert document.blocks == (
        Block("paragraph", "First page.", page=1),
        Block("paragraph", "Second page.", page=2),
    )


def test_the_lines_of_a_paragraph_become_one() -> None:
    assert texts(rows("The quick brown fox jumps over", "the lazy dog and then it runs", "away from here.")) == [
        "The quick brown fox jumps over the lazy dog and then it runs away from here."
    ]


def test_a_larger_distance_begins_a_paragraph() -> None:
    upper = rows("The quick brown fox jumps over", "the lazy dog.", top=740)
    lower = rows("Another one begins further down", "and ends there.", top=700)
    assert texts(upper + lower) == [
        "The quick brown fox jumps over the lazy dog.",
        "Another one begins further down and ends there.",
    ]


def test_a_short_last_line_ends_a_paragraph() -> None:
    lines = rows(
        "The quick brown fox jumps over", "the lazy dog.", "Another paragraph begins right", "below the first."
    )
    assert texts(lines) == [
        "The quick brown fox jumps over the lazy dog.",
        "Another paragraph begins right below the first.",
    ]


def test_lines_that_were_not_wrapped_stay_lines() -> None:
    address = rows("Ada Lovelace", "12 St James's Square", "London", "Great Britain and Ireland")
    assert texts(address) == ["Ada Lovelace\n12 St James's Square\nLondon\nGreat Britain and Ireland"]


def test_a_word_cut_at_the_line_end_is_made_whole() -> None:
    assert texts(rows("They talked at length about docu-", "mentation and went home.")) == [
        "They talked at length about documentation and went home."
    ]


def test_a_hyphen_that_belongs_to_the_word_stays() -> None:
    known = rows("It is a well-known fact.", top=740)
    cut = rows("As everybody says, it is well-", "known by now.", top=700)
    assert texts(known + cut)[1] == "As everybody says, it is well-known by now."


def test_a_dash_is_not_a_cut_word() -> None:
    assert "Labor - - -\nSupplies" in texts(rows("Parts 2 100 150", "Labor - - -", "Supplies 60", "Paint 12 13 14"))[0]


def test_list_items_stay_on_their_lines() -> None:
    document = load(make_pdf([rows("1. First comes this one here", "2. Then comes that one")]), "a.pdf")
    assert document.blocks == (Block("list", "1. First comes this one here\n2. Then comes that one", page=1),)


def test_larger_lines_are_headings_by_their_size() -> None:
    body = rows(*["This is the text of the section, line by line."] * 8, top=600)
    page = [Row("The Handbook", 740, size=24), Row("Leave", 680, size=16), *body]
    document = load(make_pdf([page]), "a.pdf")
    assert [(block.kind, block.text, block.level) for block in document.blocks[:2]] == [
        ("heading", "The Handbook", 1),
        ("heading", "Leave", 2),
    ]
    assert document.title == "The Handbook"


def test_where_half_of_the_text_is_large_nothing_is_a_heading() -> None:
    page = [Row("Name Ada Year 1843", 740, size=14), Row("Phone and fax 425", 700), Row("Make and model", 660, size=14)]
    assert {block.kind for block in load(make_pdf([page]), "a.pdf").blocks} == {"paragraph"}


def test_running_heads_and_page_numbers_are_left_out() -> None:
    subjects = ["leave", "pay", "travel", "health", "parking"]
    pages = [
        [Row("Staff handbook", 780), *rows(f"This page is about {subject}."), Row(f"Page {number} of 5", 20)]
        for number, subject in enumerate(subjects, start=1)
    ]
    found = texts(*pages)
    assert found.count("Staff handbook") == 1
    assert not [text for text in found if text.startswith("Page ")]
    assert [text for text in found if "about" in text] == [f"This page is about {subject}." for subject in subjects]


def test_numbers_that_do_not_count_pages_are_kept() -> None:
    pages = [[*rows("Invoice"), Row(f"Total {total}", 20)] for total in (120, 75, 310, 44)]
    assert [text for text in texts(*pages) if "Total" in text] == ["Total 120", "Total 75", "Total 310", "Total 44"]


def test_a_sentence_goes_on_on_the_next_page() -> None:
    found = texts(rows("The quick brown fox jumps over"), rows("the lazy dog."))
    assert found == ["The quick brown fox jumps over the lazy dog."]


def test_the_title_is_taken_from_the_file() -> None:
    assert load(make_pdf([rows("Text.")], title="Travel policy"), "a.pdf").title == "Travel policy"


@pytest.mark.parametrize("title", ["", "(anonymous)", "Untitled", "Microsoft Word - draft 3", "scan.indd"])
def test_a_title_that_a_program_made_up_is_not_used(title: str) -> None:
    assert load(make_pdf([rows("Text.")], title=title), "travel.pdf").title == "travel"


def test_a_password_is_asked_for() -> None:
    with pytest.raises(EncryptedFile) as refused:
        load(make_pdf([rows("Secret.")], user_password="sesame"), "a.pdf")
    assert (refused.value.code, refused.value.status) == ("encrypted", 422)


def test_a_file_that_only_its_owner_may_change_can_be_read() -> None:
    assert load(make_pdf([rows("Not secret.")], user_password=""), "a.pdf").blocks[0].text == "Not secret."


def test_pages_without_text_are_refused() -> None:
    with pytest.raises(NoTextLayer) as refused:
        load(make_pdf([[], []]), "scan.pdf")
    assert refused.value.code == "no_text"


@pytest.mark.parametrize("keep", [20, 200])
def test_half_a_file_is_refused(keep: int) -> None:
    with pytest.raises(BrokenFile) as refused:
        load(make_pdf([rows("Text.")])[:keep], "a.pdf")
    assert refused.value.code == "corrupt"
