"""A folder on this machine, below one that the operator has opened to sources."""

import os
import stat
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from django.conf import settings

from documents.loading import MAX_FILE
from documents.sources.base import Changed, Failed, Keep, Mark, Page, Place, SourceReader, Unchanged
from documents.sources.errors import AddressRefused, SourceLimit, SourceNotFound, SourceUnavailable
from documents.sources.patterns import is_wanted

_SETTLED = 2.0
"""Seconds. A file changed twice within the clock's grain looks unchanged; one just changed is read again."""


class FolderReader(SourceReader):
    """Its pages are the files, named by their paths. Hidden ones are left out, and so are links that lead elsewhere."""

    def check(self, place: Place) -> None:
        folder_allowed(place.location)

    def pages(self, place: Place, known: Mapping[str, Mark], keep: Keep) -> Generator[Page, None, None]:
        root = folder_allowed(place.location)
        if not root.is_dir():
            raise SourceNotFound(f"There is no folder {place.location}.")
        count = 0
        for path in _files(root):
            keep()
            uri = str(Path(place.location) / path)
            if not is_wanted(str(path), place.options):
                continue
            count += 1
            if count > place.most_pages:
                raise SourceLimit(f"The folder holds more than {place.most_pages} files that are wanted.")
            if page := _page(root, root / path, uri, known.get(uri, Mark())):
                yield page


def folder_allowed(location: str) -> Path:
    """The real path of a folder. Raises AddressRefused unless the operator has opened it or one above it."""
    if not settings.SOURCES["FOLDERS"]:
        raise AddressRefused("No folder may be read. The operator can open some with SOURCE_FOLDERS.")
    if not os.path.isabs(location) or "\0" in location:
        raise AddressRefused("The location of a folder is its whole path, from / on.")
    path = Path(os.path.realpath(location))
    if not any(path.is_relative_to(os.path.realpath(root)) for root in settings.SOURCES["FOLDERS"]):
        raise AddressRefused(f"{location} lies in no folder that the operator has opened with SOURCE_FOLDERS.")
    return path


def _files(root: Path) -> Iterator[Path]:
    """Paths below the root in a fixed order. Raises SourceUnavailable if a folder cannot be looked into."""

    def fail(error: OSError) -> None:
        raise SourceUnavailable(f"The folder {error.filename} cannot be read.")

    for folder, folders, names in os.walk(root, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and _is_text(name))
        for name in sorted(names):
            if not name.startswith(".") and _is_text(name):
                yield (Path(folder) / name).relative_to(root)


def _is_text(name: str) -> bool:
    """Names that are no UTF-8 fit into no address and no database."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _page(root: Path, path: Path, uri: str, mark: Mark) -> Page | None:
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(root):
        return None
    try:
        # Should somebody put a link in its place now, it is not followed; a pipe does not make us wait.
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError:
        return Failed(uri, "source_unavailable", "The file cannot be read.")
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None
        fingerprint = f"{found.st_mtime_ns}:{found.st_size}"
        if mark.fingerprint == fingerprint:
            return Unchanged(uri)
        if time.time() - found.st_mtime < _SETTLED:
            fingerprint = ""
        if found.st_size > MAX_FILE:
            return Failed(uri, "too_big", f"The file is larger than {MAX_FILE // 1_000_000} MB.")
        data = file.read(MAX_FILE + 1)
    return Changed(uri, path.name, data, Mark(fingerprint))
