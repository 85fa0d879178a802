"""What a file is, is told by its content; what cannot be read is refused with a reason."""

import io
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents import reading
from documents.blocks import flatten
from documents.errors import FileTooLarge, LoadError
from documents.loaders.detection import detect
from documents.loading import load
from tests.documents.ole_files import ole_file
from tests.documents.pdf_files import make_pdf, rows

pytestmark = pytest.mark.once


def refusal(data: bytes, name: str = "a.txt") -> tuple[str, int]:
    with pytest.raises(LoadError) as refused:
        load(data, name)
    assert refused.value.detail.endswith(".")
    return refused.value.code, refused.value.status


def archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.html", "a.md", "a.txt", "a", ""])
def test_a_pdf_is_a_pdf_by_any_name(name: str) -> None:
    assert load(make_pdf([rows("Hello.")]), name).blocks[0].page == 1


def test_html_is_known_by_its_tags() -> None:
    assert load(b"<!-- x --><!DOCTYPE html><title>T</title><p>Text", "page.txt").title == "T"
    assert load("<html><title>T</title><p>Text".encode("utf-16"), "page").title == "T"
    assert load(b"<p>One</p><p>Two</p>", "page.htm").blocks[1].text == "Two"


def test_the_name_tells_markdown_from_plain_text() -> None:
    source = b"This is *text*.\n\n# Heading\n"
    assert [block.kind for block in load(source, "a.MD").blocks] == ["paragraph", "heading"]
    assert [block.kind for block in load(source, "a.txt").blocks] == ["paragraph", "paragraph"]


def test_markdown_that_begins_with_a_tag_is_markdown() -> None:
    assert load(b'<div align="center">Logo</div>\n\n# Heading', "a.md").blocks[-1].kind == "heading"


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", "\ufeff".encode("utf-16")])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data) == ("empty", 422)


@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_a_file_without_text_is_refused(name: str) -> None:
    assert refusal(b"<html><script>var x = 1;</script></html>", name) == ("empty", 422)


@pytest.mark.parametrize("name", ["a.md", "a.csv", "a.txt", "a.pdf", "a.docx", "a.zip"])
@pytest.mark.parametrize(
    "data",
    [b"# Title\n\n\x00\xff\xfe", b"\x89PNG\r\n\x1a\n" + bytes(50), b"\x01\x02\x03\x04 some words"],
    ids=["nul", "picture", "controls"],
)
def test_what_is_not_what_its_name_says_is_refused(data: bytes, name: str) -> None:
    assert refusal(data, name) == ("type_mismatch", 415)


@pytest.mark.parametrize("name", ["a.png", "a.bin", "a", ""])
def test_a_file_of_no_known_type_is_refused(name: str) -> None:
    assert refusal(b"\x89PNG\r\n\x1a\n" + bytes(50), name) == ("unsupported_type", 415)


@pytest.mark.parametrize(
    "data",
    [
        archive(**{"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x", "xl/styles.bin": b"x"}),
        archive(**{"[Content_Types].xml": b"<x/>", "visio/document.xml": b"<x/>"}),
        archive(mimetype=b"application/vnd.oasis.opendocument.graphics"),
    ],
    ids=["binary-sheet", "drawing", "graphics"],
)
def test_an_office_file_of_another_program_is_refused(data: bytes) -> None:
    assert refusal(data, "a.docx") == ("unsupported_type", 415)


def test_a_damaged_file_of_an_older_program_is_refused() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "a.doc") == ("corrupt", 422)


def test_an_office_file_with_a_password_is_known() -> None:
    assert refusal(ole_file({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "a.docx") == ("encrypted", 422)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [("WordDocument", "doc"), ("PowerPoint Document", "ppt"), ("Workbook", "xls"), ("Book", "xls")],
)
def test_files_of_older_office_programs_are_told_apart(stream: str, expected: str) -> None:
    assert detect(ole_file({stream: b"x"}), "a") == expected


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (archive(**{"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}), "a.zip", "pptx"),
        (archive(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "a", "xlsx"),
        (archive(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "a.docm", "docx"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.text", a=b"x"), "a.docx", "odt"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", a=b"x"), "a.zip", "ods"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.presentation", a=b"x"), "a.odt", "odp"),
        (archive(mimetype=b"application/epub+zip", a=b"x"), "a.zip", "epub"),
        (archive(readme=b"text"), "a.docx", "zip"),
        (b"{\\rtf1\\ansi Text}", "a.doc", "rtf"),
        (b'{"nbformat": 4, "cells": []}', "a.txt", "ipynb"),
        (b'{"a": [1, 2]}', "a", "json"),
        (b'{"a": 1}\n{"a": 2}\n', "a.txt", "json"),
        (b"[1] A footnote\n", "a.txt", "text"),
        (b"{ a set }", "", "text"),
        (b"[link](there)", "a.md", "markdown"),
        (b"Received: from x\n by y\nFrom: a@b\nSubject: c\n\nText", "a.txt", "eml"),
        (b"From: here to there\n\nText", "a.txt", "text"),
        (b"To: all\nSubject: cake\n\nText", "a.eml", "eml"),
        (b"a\tb\tc\n" * 5, "a.txt", "csv"),
        (b"a;b;c\n" * 5, "", "csv"),
        (b"This, that, more\n" * 5, "a.txt", "text"),
        (b"just words", "a.csv", "csv"),
        (b"Title\n=====\n", "a.rst", "rst"),
        (b"Title\n=====\n", "a.txt", "text"),
        (b"<html><p>Not found", "a.pdf", "html"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_content_tells_the_type_and_the_name_only_helps(data: bytes, name: str, expected: str) -> None:
    assert detect(data, name) == expected


def test_a_cut_archive_is_refused() -> None:
    assert refusal(archive(readme=b"text")[:-10], "a.docx") == ("corrupt", 422)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILE", 10)
    assert refusal(b"eleven char") == ("too_big", 413)


def test_a_file_with_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_TEXT", 10)
    with pytest.raises(FileTooLarge):
        reading.read(b"eleven char", "a.txt")


def test_a_file_without_a_title_is_called_by_its_name() -> None:
    assert load(b"Just some text.", "C:\\docs/Staff  handbook.v2.txt").title == "Staff handbook.v2"
    assert load(b"Just some text.", "").title == "Untitled"


def test_a_title_fits_into_its_column() -> None:
    title = load(b"# " + b"long " * 500, "a.md").title
    assert len(title) <= 500


def test_no_parser_is_loaded_before_a_file_needs_it() -> None:
    heavy = {"pypdfium2", "docx", "lxml", "bs4", "markdown_it", "docutils", "olefile", "email"}
    code = "import sys, documents.loading, documents.splitting; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)


@settings(max_examples=150, deadline=None)
@given(
    start=st.sampled_from(
        [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"\xff\xfe", b"---\ntitle: x\n---\n", b"\xd0\xcf\x11\xe0"]
    ),
    rest=st.binary(max_size=300),
    name=st.sampled_from(["a.pdf", "a.docx", "a.html", "a.md", "a.txt"]),
)
def test_any_bytes_are_read_or_refused(start: bytes, rest: bytes, name: str) -> None:
    try:
        document = load(start + rest, name)
    except LoadError:
        return
    assert flatten(document.blocks).content
    assert document.title


@settings(max_examples=100, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, 2**31), st.binary(min_size=1, max_size=4)), min_size=1, max_size=8))
def test_a_damaged_pdf_is_read_or_refused(cuts: list[tuple[int, bytes]]) -> None:
    data = bytearray(make_pdf([rows("One line.", "Another line.")], title="T"))
    for position, damage in cuts:
        at = position % len(data)
        data[at : at + len(damage)] = damage
    with suppress(LoadError):
        assert load(bytes(data), "a.pdf").blocks


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    data = bytearray(archive(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"a" * 3_000_000}))
    directory = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, directory + 24, 100)
    assert refusal(bytes(data), "a.docx")[0] == "corrupt"


@pytest.mark.timeout(20)
def test_indented_lines_below_a_colon_are_told_from_a_mail_at_once() -> None:
    assert detect(b"Example:\n" + b"        entry = Entry.objects.get()\n" * 100 + b"and so on", "a") == "text"
