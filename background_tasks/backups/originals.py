"""The original files of versions: held while they are saved, and put back."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from background_tasks.backups.archive import file_member
from background_tasks.backups.framing import Member
from background_tasks.backups.tables import snapshot
from documents.feed import revision_lock
from documents.models import Version

_PIECE = 1 << 18
_TRIES = 5
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK, errno.ENOSYS}


@dataclass(frozen=True, slots=True)
class Held:
    paths: dict[str, Path]
    """By their SHA-256."""
    lost: list[str]
    """Names of those that are not there."""


@contextmanager
def frozen() -> Iterator[tuple[BaseDatabaseWrapper, Held]]:
    """One state of the database with the files that it names.

    A document may be deleted meanwhile, and its file with it. So each file gets a second name at once, which takes no
    space, and what is copied later is that. Where a file had gone before, a newer state is taken, which does not name
    it; what that one names and is not there either is lost.
    """
    place = Path(settings.MEDIA_ROOT) / ".backup"
    shutil.rmtree(place, ignore_errors=True)  # of a process that was killed
    try:
        gone: list[str] = []
        for attempt in range(1, _TRIES + 1):
            with snapshot() as database:
                held = _held(database, place)
                if held.lost and held.lost != gone and attempt < _TRIES:
                    gone = held.lost
                    continue
                yield database, held
                return
    finally:
        shutil.rmtree(place, ignore_errors=True)


def file_members(held: Held, lost: list[str]) -> Iterator[Member]:
    """The files for an archive. What is not what it is called is added to ``lost``."""
    for digest, path in sorted(held.paths.items()):
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
                if found == digest:
                    file.seek(0)
                    yield file_member(digest), size, iter(partial(file.read, _PIECE), b"")
                    continue
        except FileNotFoundError:
            pass  # no second name could be given to it, and it has gone
        lost.append(_name(digest))


def original_put(digest: str, content: Iterable[bytes]) -> None:
    """Put a file into its place, whole or not at all."""
    path = Path(default_storage.path(_name(digest)))
    path.parent.mkdir(parents=True, exist_ok=True)
    rest = path.with_name(f".{digest}.part")
    try:
        with rest.open("wb") as file:
            for piece in content:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        rest.replace(path)
    finally:
        rest.unlink(missing_ok=True)


def strangers_remove() -> int:
    """Remove the files that no version has, such as those of a state that was overwritten. Returns how many."""
    count = 0
    with transaction.atomic():
        revision_lock()  # nobody hands one of them in meanwhile
        kept = set(Version.objects.values_list("file", flat=True))
        root = Path(settings.MEDIA_ROOT)
        for path in (root / "versions").glob("*/*"):
            if str(path.relative_to(root)) not in kept:
                path.unlink()
                count += 1
    return count


def _held(database: BaseDatabaseWrapper, place: Path) -> Held:
    with database.cursor() as cursor:
        cursor.execute("SELECT DISTINCT file, content_hash FROM documents_version WHERE file <> ''")
        named = cursor.fetchall()
    paths, lost = {}, []
    place.mkdir(parents=True, exist_ok=True)
    for name, digest in named:
        original, second = Path(default_storage.path(name)), place / digest
        try:
            os.link(original, second)
            paths[digest] = second
        except FileExistsError:
            paths[digest] = second  # of the try before
        except FileNotFoundError:
            lost.append(name)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            paths[digest] = original
    return Held(paths, sorted(lost))


def _name(digest: str) -> str:
    return file_member(digest).removeprefix("files/")
