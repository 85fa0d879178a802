"""No damage goes unnoticed, wherever it is, and what is damaged is not restored."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from background_tasks.backups.archive import packed, whole
from background_tasks.backups.checking import backup_verify
from background_tasks.backups.errors import BackupBroken, BackupRefused
from background_tasks.backups.framing import framed, unframed
from background_tasks.backups.making import backup_create
from background_tasks.backups.sealing import sealed, unsealed
from tests.background_tasks.backups.state import Place, files, run, tables
from users.models import User

CONTENT = [whole("one", b"1" * 700), whole("two", b""), whole("three", random.Random(3).randbytes(140_000))]


def plain() -> bytes:
    return b"".join(framed(CONTENT))


def under_seal() -> bytes:
    return b"".join(sealed(framed(CONTENT), "a passphrase"))


def opened(data: bytes, size: int = 1000) -> list[tuple[str, bytes]]:
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    members = unframed(unsealed(chunks, "a passphrase") if data.startswith(b"GROUNDED") else chunks)
    return [(name, b"".join(content)) for name, _, content in members]


@pytest.mark.parametrize("size", [1, 57, 1000, 65536, 10**6])
@pytest.mark.parametrize("make", [plain, under_seal])
def test_what_is_whole_is_read_in_pieces_of_any_size(make: Callable[[], bytes], size: int) -> None:
    assert opened(make(), size) == [(name, b"".join(content)) for name, _, content in CONTENT]


@pytest.mark.parametrize("make", [plain, under_seal])
def test_every_bit_of_beginning_and_end_and_any_other_counts(make: Callable[[], bytes]) -> None:
    data = make()
    last = len(data) * 8
    for place in (*range(720), *range(720, last, last // 40), *range(last - 464, last)):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises((BackupBroken, BackupRefused)):
            opened(bytes(changed))


@pytest.mark.parametrize("make", [plain, under_seal])
def test_no_end_can_be_cut_off_and_nothing_added(make: Callable[[], bytes]) -> None:
    data = make()
    for length in (*range(100), *range(100, len(data), len(data) // 40), *range(len(data) - 60, len(data))):
        with pytest.raises((BackupBroken, BackupRefused)):
            opened(data[:length])
    with pytest.raises(BackupBroken):
        opened(data + b"\0")


def test_parts_of_an_encrypted_archive_cannot_change_places() -> None:
    data, header, piece = under_seal(), 90, 65536 + 16
    first, second = data[header : header + piece], data[header + piece : header + 2 * piece]
    assert len(second) == piece
    with pytest.raises(BackupBroken):
        opened(data[:header] + second + first + data[header + 2 * piece :])


@pytest.mark.django_db(transaction=True)
def test_a_damaged_archive_is_refused_and_nothing_is_touched(user: User, place: Place) -> None:
    backup_create()
    archive = place.archives[0]
    data = archive.read_bytes()
    before = tables(), files()
    for damaged in (data[:-1], data[:50], b"", data[:200] + bytes([data[200] ^ 4]) + data[201:], b"no archive"):
        archive.write_bytes(damaged)
        with pytest.raises(CommandError):
            run("verify_backup")
        with pytest.raises(CommandError):
            run("restore", overwrite=True)
    assert (tables(), files()) == before


@pytest.mark.django_db(transaction=True)
def test_an_encrypted_archive_needs_its_passphrase(user: User, place: Place, settings: Settings) -> None:
    settings.BACKUPS = {**settings.BACKUPS, "PASSPHRASE": "the right one"}
    backup_create()
    archive: Path = place.archives[0]
    assert archive.name.endswith(".sealed")
    assert b"ustar" not in archive.read_bytes()
    backup_verify()
    for passphrase, told in (("the wrong one", "is not the passphrase"), ("", "set BACKUP_PASSPHRASE")):
        settings.BACKUPS = {**settings.BACKUPS, "PASSPHRASE": passphrase}
        with pytest.raises(CommandError, match=told):
            run("restore", overwrite=True)


def test_a_member_of_another_size_than_it_says_is_never_written() -> None:
    with pytest.raises(RuntimeError):
        list(packed([("one", 5, [b"1234"])], ""))
