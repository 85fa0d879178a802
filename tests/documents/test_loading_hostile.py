"""Whatever bytes come in, a file is read or refused with a reason; nothing else happens."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest

from documents.blocks import flatten
from documents.errors import LoadError
from documents.loading import load
from tests.documents.ole_files import ole_file
from tests.documents.pdf_files import make_pdf, rows
from tests.documents.test_loading_docx import bare, paragraph
from tests.documents.test_loading_mails import mail, outlook
from tests.documents.test_loading_notebooks import CELLS

pytestmark = pytest.mark.once


def packed() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.md", "# Loans\n\nSeven books. " * 20)
        archive.writestr("b.csv", "a,b\n1,2\n" * 20)
    return file.getvalue()


def attached() -> bytes:
    message = mail()
    message.add_alternative("<p>Hello</p>", subtype="html")
    message.add_attachment(packed(), maintype="application", subtype="zip", filename="a.zip")
    return message.as_bytes()


WHOLE: dict[str, Callable[[], bytes]] = {
    "a.pdf": lambda: make_pdf([rows("One line.", "Another."), rows("More.")], title="T"),
    "a.docx": lambda: bare(paragraph("Text.") * 5),
    "a.html": lambda: b"<!DOCTYPE html><html><body><h1>A</h1><table><tr><td>1<td>2</tr></table><ul><li>b</ul>" * 3,
    "a.md": lambda: b"---\ntitle: T\n---\n# A\n\n- b\n  1. c\n\n| d | e |\n|-|-|\n| f | g |\n\n```x\ncode\n```\n" * 3,
    "a.rst": lambda: b"A\n=\n\n* b\n\n.. note:: c\n\n+---+---+\n| d | e |\n+---+---+\n\n:f: g\n\n.. code::\n\n   h\n",
    "a.txt": lambda: "Grüße, Welt.\n\n- eins\n- zwei".encode("utf-16"),
    "a.csv": lambda: b'a,b\n"c, d",1\n' * 20,
    "a.json": lambda: json.dumps({"a": [{"b": 1}, {"b": 2}], "c": {"d": "e", "f": [1, [2]]}}).encode(),
    "a.jsonl": lambda: b'{"a": 1}\n' * 20,
    "a.eml": attached,
    "a.msg": lambda: outlook(**{"__substg1.0_1000001F": "Hello.".encode("utf-16-le")}),
    "a.ipynb": lambda: json.dumps({"nbformat": 4, "cells": CELLS}).encode(),
    "a.vtt": lambda: b"WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n\n00:02.000 --> 00:03.000\n<i>Two</i> &amp; more.\n",
    "a.zip": packed,
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_cut_or_spoilt_anywhere_is_read_or_refused(name: str) -> None:
    whole = WHOLE[name]()
    assert load(whole, name).blocks
    chance = random.Random(name)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(0, 6)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        if chance.random() < 0.5:
            del data[chance.randrange(len(data) + 1) :]
        with suppress(LoadError):
            document = load(bytes(data), name)
            assert flatten(document.blocks).content
            assert document.title


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.json", lambda: b"[" * 200_000 + b"]" * 200_000),
        ("a.ipynb", lambda: b'{"nbformat":4,"cells":' + b"[" * 200_000),
        ("a.html", lambda: b"<html><body>" + b"<div>" * 30_000 + b"Text"),
        ("a.html", lambda: b"<html><body>" + b"<table><tr><td>" * 3_000 + b"Text"),
        ("a.md", lambda: b">" * 50_000 + b" Text"),
        ("a.md", lambda: b"[" * 20_000 + b"Text"),
        ("a.md", lambda: b"<div>\n" * 10_000 + b"Text"),
        ("a.md", lambda: b"".join(b" " * (2 * n) + b"- a\n" for n in range(500))),
        ("a.rst", lambda: b"".join(b" " * n + b"a\n\n" for n in range(500))),
        ("a.eml", lambda: b"From: a\nTo: b\n" + b'Content-Type: multipart/mixed; boundary="x"\n\n--x\n' * 3_000),
        ("a.docx", lambda: bare("<w:p>" * 20_000 + "</w:p>" * 20_000)),
        ("a.docx", lambda: bare("<w:tbl><w:tr><w:tc>" * 2_000 + paragraph("Text") + "</w:tc></w:tr></w:tbl>" * 2_000)),
    ],
    ids=["json", "notebook", "div", "tables", "quotes", "brackets", "blocks", "lists", "rst", "mail", "word", "cells"],
)
def test_what_is_nested_without_end_is_read_or_refused(name: str, make: Callable[[], bytes]) -> None:
    with suppress(LoadError):
        assert load(make(), name).blocks
    assert load(b"Text.", "a.txt").blocks


def test_a_container_of_an_older_program_whose_parts_form_a_ring_is_refused() -> None:
    data = bytearray(ole_file({"WordDocument": b"x", "1Table": b"y"}))
    data[512 + 4 : 512 + 8] = (1).to_bytes(4, "little")  # the directory's next sector is the directory
    with suppress(LoadError):
        load(bytes(data), "a.doc")
    assert load(b"Text.", "a.txt").blocks
