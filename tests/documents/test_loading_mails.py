"""Mails say who wrote what to whom and when; attached files are read too."""

import io
import struct
import zipfile
from email.message import EmailMessage

import pytest

from documents.blocks import Block
from documents.loading import load
from tests.documents.ole_files import ole_file
from tests.documents.pdf_files import make_pdf, rows

pytestmark = pytest.mark.once


def mail(text: str = "Hello Bob,\n\nthe parcel has come.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ada Löw <ada@example.org>"
    message["To"] = "bob@example.org"
    message["Date"] = "Tue, 01 Oct 2024 12:34:56 -0500"
    message["Subject"] = "Your parçel"
    message.set_content(text)
    return message


HEADER = (
    Block("heading", "Your parçel", level=1),
    Block("list", "- From: Ada Löw <ada@example.org>\n- To: bob@example.org\n- Date: Tue, 01 Oct 2024 12:34:56 -0500"),
)


def test_a_mail_is_its_header_and_its_text() -> None:
    document = load(mail().as_bytes(), "a.eml")
    assert document.title == "Your parçel"
    assert document.blocks == (*HEADER, Block("paragraph", "Hello Bob,"), Block("paragraph", "the parcel has come."))


def test_plain_text_is_preferred_to_html() -> None:
    message = mail()
    message.add_alternative("<p>Hello <b>Bob</b></p>", subtype="html")
    assert load(message.as_bytes(), "a.eml").blocks[2].text == "Hello Bob,"


def test_html_alone_is_read() -> None:
    message = mail()
    message.set_content("<html><h2>News</h2><script>x</script><p>Hello <b>Bob</b></p></html>", subtype="html")
    assert load(message.as_bytes(), "a.eml").blocks[2:] == (
        Block("heading", "News", level=2),
        Block("paragraph", "Hello Bob"),
    )


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-8", "koi8-r"])
def test_the_declared_encoding_counts(charset: str) -> None:
    message = mail()
    text = "привет" if charset == "koi8-r" else "Grüße"
    message.set_content(text, charset=charset, cte="base64")
    assert load(message.as_bytes(), "a.eml").blocks[2].text == text


def test_an_unknown_encoding_and_broken_fields_do_no_harm() -> None:
    data = b"From: =?x?z?=\nTo: <<<>>,,\nDate: now\nContent-Type: text/plain; charset=klingon\n\nHello."
    assert load(data, "a.eml").blocks[-1].text == "Hello."


def test_attached_files_are_read_under_their_names() -> None:
    message = mail("See the file.")
    message.add_attachment(b"# Prices\n\nThey rise.", maintype="text", subtype="markdown", filename="prices.md")
    message.add_attachment(make_pdf([rows("In a PDF.")]), maintype="application", subtype="pdf", filename="übung.pdf")
    message.add_attachment(b"\x89PNG\r\n\x1a\n" + bytes(50), maintype="image", subtype="png", filename="photo.png")
    assert load(message.as_bytes(), "a.eml").blocks[3:] == (
        Block("heading", "prices.md", level=2),
        Block("heading", "Prices", level=3),
        Block("paragraph", "They rise."),
        Block("heading", "übung.pdf", level=2),
        Block("paragraph", "In a PDF.", page=1),
    )


def test_an_attached_mail_is_read() -> None:
    message = mail("See below.")
    inner = mail("Inner text.")
    inner.replace_header("Subject", "The first one")
    message.add_attachment(inner)
    assert [block.text for block in load(message.as_bytes(), "a.eml").blocks][3:5] == [
        "The first one.eml",
        "The first one",
    ]


def test_files_packed_too_deeply_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    data = b"Innermost."
    for depth in range(4):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(f"file{depth}.{'zip' if depth else 'txt'}", data)
        data = file.getvalue()
    message = mail("Text.")
    message.add_attachment(data, maintype="application", subtype="zip", filename="a.zip")
    assert "Innermost" not in "".join(block.text for block in load(message.as_bytes(), "a.eml").blocks)
    assert "too_big" in caplog.text


def outlook(**more: bytes) -> bytes:
    sent = struct.pack("<HHIQ", 0x40, 0x0039, 6, 133_793_366_400_000_000)
    code_page = struct.pack("<HHIQ", 3, 0x3FFD, 6, 1251)
    streams = {
        "__properties_version1.0": bytes(32) + sent + code_page,
        "__substg1.0_0037001F": "Your parçel".encode("utf-16-le"),
        "__substg1.0_0C1A001F": "Ada Löw".encode("utf-16-le"),
        "__substg1.0_5D01001F": "ada@example.org".encode("utf-16-le"),
        "__substg1.0_0E04001F": "Bob".encode("utf-16-le"),
    }
    return ole_file({**streams, **more})


def test_a_mail_of_outlook_is_read() -> None:
    document = load(outlook(), "a.msg")
    assert document.title == "Your parçel"
    assert document.blocks == (
        Block("heading", "Your parçel", level=1),
        Block("list", "- From: Ada Löw <ada@example.org>\n- To: Bob\n- Date: 2024-12-22 10:24 UTC"),
    )


@pytest.mark.parametrize(
    ("stream", "content", "text"),
    [
        ("__substg1.0_1000001F", "Hello Bob.".encode("utf-16-le"), "Hello Bob."),
        ("__substg1.0_1000001E", "Привет".encode("cp1251"), "Привет"),
        ("__substg1.0_10130102", b"<html><body><p>Hello <b>Bob</b></p>", "Hello Bob"),
    ],
    ids=["wide", "code page", "html"],
)
def test_the_text_of_a_mail_of_outlook_may_be_kept_in_several_ways(stream: str, content: bytes, text: str) -> None:
    assert load(outlook(**{stream: content}), "a.msg").blocks[-1] == Block("paragraph", text)


def test_files_attached_to_a_mail_of_outlook_are_read() -> None:
    data = outlook(
        **{
            "__attach_version1.0_#00000000/__substg1.0_3707001F": "prices.md".encode("utf-16-le"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": b"# Prices\n\nThey rise.".ljust(4096),
        }
    )
    assert load(data, "a.msg").blocks[-3:] == (
        Block("heading", "prices.md", level=2),
        Block("heading", "Prices", level=3),
        Block("paragraph", "They rise."),
    )
