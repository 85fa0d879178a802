"""Scanned pages are read by the program tesseract where it is installed and not switched off."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pypdfium2
import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.sandbox import Parser
from tests.documents.pdf_files import make_pdf, rows

pytestmark = pytest.mark.once

SCAN = make_pdf([[], []])
"""Two pages, 600 by 800 points, without text."""

_STAND_IN = """#!{python} -S
import os, sys
if sys.argv[1:] == ["--list-langs"]:
    print("List of available languages in \\"/usr/share/tessdata/\\" (3):\\ndeu\\neng\\nosd")
elif sys.argv[1:] == ["stdin", "stdout", "-l", "eng+deu"]:
    picture = sys.stdin.buffer.read()
    {work}
else:
    sys.exit("Error opening data file")
"""
Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a program that is called like tesseract before all others."""

    def install(work: str) -> None:
        program = tmp_path / "tesseract"
        program.write_text(_STAND_IN.format(python=sys.executable, work=work))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


@pytest.fixture
def parser() -> Iterator[Parser]:
    parser = Parser()
    yield parser
    parser.close()


def refusal(parser: Parser, *, ocr: bool = True, seconds: int = 60) -> LoadError:
    with pytest.raises(LoadError) as refused:
        parser.load(SCAN, "scan.pdf", ocr=ocr, seconds=seconds)
    return refused.value


def test_each_page_is_shown_to_the_program_in_all_its_languages(install: Install, parser: Parser) -> None:
    install("print('Page seen as', picture[:17].split(), len(picture), '\\n\\n- an item\\n- another')")
    size = 2500 * 3334
    seen = f"Page seen as [b'P5', b'2500', b'3334', b'255'] {size + 17}"
    assert parser.load(SCAN, "scan.pdf").blocks == (
        Block("paragraph", seen, page=1),
        Block("list", "- an item\n- another", page=1),
        Block("paragraph", seen, page=2),
        Block("list", "- an item\n- another", page=2),
    )


def test_a_file_with_text_is_not_recognised(install: Install, parser: Parser) -> None:
    install("print('Recognised')")
    assert parser.load(make_pdf([rows("Text.")]), "a.pdf").blocks[0].text == "Text."


def test_a_scan_of_nothing_has_no_text(install: Install, parser: Parser) -> None:
    install("print(' \\n~ .\\n')")
    assert refusal(parser).code == "no_text"


def test_it_can_be_switched_off(install: Install, parser: Parser) -> None:
    install("print('Recognised')")
    assert refusal(parser, ocr=False).code == "no_text"


def test_without_the_program_it_is_named(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    refused = refusal(parser)
    assert (refused.code, refused.status) == ("no_text", 422)
    assert "tesseract-ocr" in refused.detail


def test_a_program_that_fails_fails_the_file(install: Install, parser: Parser) -> None:
    install("sys.exit(1)")
    assert refusal(parser).code == "corrupt"


def test_a_program_that_hangs_is_ended_with_its_file(install: Install, parser: Parser, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    install(f"open({str(note)!r}, 'w').write(str(os.getpid())); import time; time.sleep(60)")
    assert refusal(parser, seconds=2).code == "too_slow"
    program = int(note.read_text())
    # It ends with its group; whose child it was then takes a moment to bury it.
    assert not psutil.pid_exists(program) or psutil.Process(program).wait(5) is None


def scanned(pdf: bytes) -> bytes:
    """The first page as a picture of itself, in a PDF again."""
    with pypdfium2.PdfDocument(pdf) as document:
        bitmap = document[0].render(scale=200 / 72, grayscale=True)
        dots, width, height = bytes(bitmap.buffer), bitmap.stride, bitmap.height
    picture = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Length 25>>stream\n600 0 0 800 0 0 cm /I Do \nendstream",
        b"<<%b/Width %d/Height %d/Length %d>>stream\n%b\nendstream" % (picture, width, height, len(dots), dots),
    ]
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, content) for number, content in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>"


def test_a_picture_of_a_page_is_a_scan(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LoadError, match="pictures only"):
        parser.load(scanned(make_pdf([rows("The lamp has three buttons.", size=20)])), "scan.pdf")


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_the_program_itself_reads_a_page(parser: Parser) -> None:
    scan = scanned(make_pdf([rows("The lamp has three buttons.", size=20)]))
    assert "lamp has three buttons" in parser.load(scan, "scan.pdf").blocks[0].text
