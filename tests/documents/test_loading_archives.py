"""A ZIP archive is one document of its files; one that was made to do harm is refused before it is unpacked."""

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable

import pytest

from documents.blocks import Block
from documents.errors import LoadError
from documents.loading import load
from tests.documents.pdf_files import make_pdf, rows
from tests.documents.test_loading_docx import bare, paragraph

pytestmark = pytest.mark.once

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as target:
        warnings.simplefilter("ignore")  # the same name twice
        for name, data in members:
            target.writestr(name, data, compress_type=method)
    return file.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(LoadError) as refused:
        load(data, "a.zip")
    assert refused.value.detail.endswith(".")
    return refused.value.code


def texts(data: bytes) -> list[str]:
    return [block.text for block in load(data, "a.zip").blocks]


def test_each_file_stands_under_its_path() -> None:
    data = archive(
        ("guide/loans.md", b"# Loans\n\nSeven books.\n\n## Late\n\nTwenty cents."),
        ("manual.pdf", make_pdf([rows("Three buttons.")])),
    )
    document = load(data, "manuals.zip")
    assert document.title == "manuals"
    assert document.blocks == (
        Block("heading", "guide/loans.md", level=1),
        Block("heading", "Loans", level=2),
        Block("paragraph", "Seven books."),
        Block("heading", "Late", level=3),
        Block("paragraph", "Twenty cents."),
        Block("heading", "manual.pdf", level=1),
        Block("paragraph", "Three buttons.", page=1),
    )


def test_what_cannot_be_read_is_passed_over_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    data = archive(("photo.png", PNG), ("broken.pdf", b"%PDF-1.7 "), ("a.txt", b"Text."))
    assert texts(data) == ["a.txt", "Text."]
    assert "photo.png (unsupported_type)" in caplog.text
    assert "broken.pdf (corrupt)" in caplog.text


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ([], "empty"),
        ([("photo.png", PNG), ("photo2.png", PNG)], "unsupported_type"),
        ([("broken.pdf", b"%PDF-1.7 ")], "corrupt"),
        ([("a.txt", b""), ("photo.png", PNG)], "empty"),
    ],
    ids=["no files", "pictures", "broken", "mixed"],
)
def test_an_archive_of_which_nothing_can_be_read_says_why(members: list[tuple[str, bytes]], code: str) -> None:
    assert refusal(archive(*members)) == code


def test_what_systems_add_and_what_leads_outside_is_passed_over() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = archive(
        ("__MACOSX/._a.txt", b"x"),
        (".hidden", b"x"),
        (".git/config", b"x"),
        ("../../etc/passwd", b"x"),
        ("/etc/passwd", b"x"),
        ("C:\\windows\\x.txt", b"x"),
        ("folder/", b""),
        (link, b"/etc/passwd"),
        ("a.txt", b"Text."),
    )
    assert texts(data) == ["a.txt", "Text."]


def test_names_in_an_old_encoding_are_read() -> None:
    data = archive(("Gr__e.txt", b"Text.")).replace(b"Gr__e.txt", "Größe.txt".encode("cp1252"))
    assert texts(data)[0] == "Größe.txt"


def test_an_archive_within_an_archive_is_read_and_deeper_ones_are_not() -> None:
    inner = archive(("deep.txt", b"Deep."))
    assert texts(archive(("inner.zip", inner))) == ["inner.zip", "deep.txt", "Deep."]
    assert refusal(archive(("middle.zip", archive(("inner.zip", inner))))) == "too_big"


def test_damaged_members_are_passed_over() -> None:
    data = bytearray(archive(("a.txt", b"Text. " * 50), ("b.txt", b"Other.")))
    data[40:44] = b"\xff\xff\xff\xff"
    assert texts(bytes(data)) == ["b.txt", "Other."]


def test_a_locked_archive_is_refused() -> None:
    data = bytearray(archive(("a.txt", b"Text.")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)) == "encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED])
def test_every_way_of_packing_is_read(method: int) -> None:
    assert texts(archive(("a.txt", b"Text."), method=method)) == ["a.txt", "Text."]


def overlapping() -> bytes:
    """Many names for the same packed bytes, as in David Fifield's archives."""
    one = archive(("a.txt", bytes(900_000)))
    start = one.index(b"PK\x01\x02")
    entry = one[start : one.index(b"PK\x05\x06")]
    return one[:start] + entry * 300 + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 300, 300, len(entry) * 300, start, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: archive(("a.txt", bytes(40_000_000))),
        lambda: archive(*((f"{n}.bmp", bytes(50_000_000)) for n in range(7))),
        lambda: archive(*((f"{n}.txt", b"") for n in range(5_001))),
        lambda: archive(
            *((f"{n}.zip", archive(*((f"{m}.bmp", bytes(50_000_000)) for m in range(7)))) for n in range(2))
        ),
        overlapping,
        lambda: b"PK\x03\x04" + b"PK\x01\x02" * 60_000,
    ],
    ids=["ratio", "total", "number", "nested", "overlapping", "directory"],
)
@pytest.mark.no_cover
def test_an_archive_that_would_become_huge_is_refused(make: Callable[[], bytes]) -> None:
    assert refusal(make()) == "too_big"


def test_what_all_files_within_unpack_to_counts_together() -> None:
    """Each of these Word files is within its bounds; all of them together are not."""
    word = bare(paragraph("Text."), members={"word/media/image1.bmp": bytes(50_000_000)})
    assert load(word, "a.docx").blocks
    found = texts(archive(*((f"{n}.docx", word) for n in range(8))))
    assert found.count("Text.") == 5
