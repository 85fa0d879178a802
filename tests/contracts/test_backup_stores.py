"""What every store of backups promises (background_tasks/backups/stores/base.py)."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from background_tasks.backups.errors import BackupRefused, StoreUnavailable
from background_tasks.backups.stores.base import BackupStore, Stored, archive_name
from background_tasks.backups.stores.folder import FolderStore
from background_tasks.backups.stores.s3 import S3Store
from tests.loopback.s3 import KEY_NAME, LoopbackS3

pytestmark = pytest.mark.once

NAMES = [archive_name(datetime(2026, 11, day, 1, tzinfo=UTC), sealed=day == 2) for day in (1, 2, 3, 4, 5)]
ONE = NAMES[0]


def broken() -> Iterator[bytes]:
    yield os.urandom(1000)
    raise KeyError("on our side")


class BackupStoreContract:
    @pytest.fixture
    def store(self) -> BackupStore:
        raise NotImplementedError

    @pytest.fixture
    def lost(self, store: BackupStore) -> BackupStore:
        """The same kind of store, that cannot be reached."""
        raise NotImplementedError

    def test_what_was_written_is_read_again_and_listed(self, store: BackupStore) -> None:
        store.write(ONE, [b"abc", b"", b"def"])
        assert b"".join(store.read(ONE)) == b"abcdef"
        assert store.list() == [Stored(ONE, 6)]

    def test_an_archive_of_many_parts_is_kept_whole(self, store: BackupStore) -> None:
        parts = [os.urandom(3 << 20) for _ in range(12)]
        store.write(ONE, iter(parts))
        assert b"".join(store.read(ONE)) == b"".join(parts)

    def test_an_empty_place_lists_nothing(self, store: BackupStore) -> None:
        assert store.list() == []

    def test_archives_are_listed_newest_first_with_their_times(self, store: BackupStore) -> None:
        for name in (NAMES[1], NAMES[4], NAMES[0], NAMES[3], NAMES[2]):
            store.write(name, [name.encode()])
        assert [stored.name for stored in store.list()] == NAMES[::-1]
        assert [stored.made.day for stored in store.list()] == [5, 4, 3, 2, 1]

    def test_what_failed_on_the_way_is_not_there_and_says_why(self, store: BackupStore) -> None:
        with pytest.raises(KeyError, match="on our side"):
            store.write(ONE, broken())
        assert store.list() == []

    def test_a_deleted_archive_is_gone_and_deleting_it_again_does_no_harm(self, store: BackupStore) -> None:
        store.write(ONE, [b"abc"])
        store.delete(ONE)
        store.delete(ONE)
        assert store.list() == []
        with pytest.raises(StoreUnavailable):
            list(store.read(ONE))

    def test_a_place_that_cannot_be_used_is_told_by_name(self, lost: BackupStore) -> None:
        with pytest.raises(StoreUnavailable, match=str(lost)):
            lost.write(ONE, [b"abc"])


class TestFolder(BackupStoreContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "some" / "backups"

    @pytest.fixture
    def store(self, folder: Path) -> BackupStore:
        return FolderStore(folder)

    @pytest.fixture
    def lost(self, tmp_path: Path) -> BackupStore:
        (tmp_path / "file").touch()
        return FolderStore(tmp_path / "file" / "backups")

    def test_nobody_else_can_read_it(self, store: BackupStore, folder: Path) -> None:
        store.write(ONE, [b"abc"])
        assert stat.S_IMODE((folder / ONE).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_what_a_killed_writer_leaves_is_no_archive_and_is_removed(self, store: BackupStore, folder: Path) -> None:
        store.write(ONE, [b"abc"])
        (folder / f".{NAMES[1]}.part").write_bytes(b"half of")
        (folder / "notes.txt").touch()
        assert store.list() == [Stored(ONE, 3)]
        store.tidy()
        assert {path.name for path in folder.iterdir()} == {ONE, "notes.txt"}


class TestS3(BackupStoreContract):
    @pytest.fixture
    def service(self) -> Iterator[LoopbackS3]:
        with LoopbackS3() as service:
            yield service

    @pytest.fixture
    def store(self, service: LoopbackS3) -> BackupStore:
        service.objects["others/backup-20261101T010000Z.tar.gz"] = b"of another installation"
        return opened(service, "ours/here")

    @pytest.fixture
    def lost(self, service: LoopbackS3) -> BackupStore:
        return opened(service, "", secret="another-key")

    def test_large_archives_go_in_parts_of_which_none_is_left(self, store: BackupStore, service: LoopbackS3) -> None:
        store.write(ONE, (os.urandom(3 << 20) for _ in range(12)))
        assert sum("partNumber" in request.query for request in service.requests) == 3
        assert not service.uploads
        with pytest.raises(KeyError):
            store.write(NAMES[1], (part for _ in range(12) for part in (os.urandom(3 << 20), *broken())))
        assert not service.uploads

    def test_a_service_that_fails_for_a_moment_is_asked_again(self, store: BackupStore, service: LoopbackS3) -> None:
        service.fail_next("error")
        store.write(ONE, [b"abc"])
        service.fail_next("error")
        assert b"".join(store.read(ONE)) == b"abc"

    @pytest.mark.parametrize("url", ["s3://", "https://host/bucket", "s3://bucket?endpont=x", "s3://key@bucket"])
    def test_an_address_that_says_nothing_is_refused(self, url: str) -> None:
        with pytest.raises(BackupRefused, match="BACKUP_URL"):
            S3Store.from_url(url, key="a", secret="b")

    def test_an_address_without_a_key_is_refused(self) -> None:
        with pytest.raises(BackupRefused, match="BACKUP_S3_KEY"):
            S3Store.from_url("s3://bucket", key="", secret="")


def opened(service: LoopbackS3, prefix: str, secret: str = "") -> BackupStore:
    url = f"s3://{service.bucket}/{prefix}?endpoint={service.url}"
    return S3Store.from_url(url, key=KEY_NAME, secret=secret or service.key)
