"""ZIP archives from strangers: nothing is unpacked before it is known how large it would become."""

import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise

from documents.errors import BrokenFile, EncryptedFile, FileTooLarge

MAX_PARTS = 5_000
MAX_UNPACKED = 300_000_000
"""Of a file and of all archives within it."""
MAX_PART = 60_000_000
MAX_RATIO = 150
"""Real documents reach about 30, only pictures more. Looked at only where a part is larger than a megabyte."""
MAX_DEPTH = 2
"""Files within the file that was handed in, and files within those."""

_PICTURES = (".bmp", ".emf", ".wmf", ".tif", ".tiff", ".png", ".gif")
_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER = 30
_depth: ContextVar[int] = ContextVar("depth", default=0)
_unpacked: ContextVar[int] = ContextVar("unpacked", default=0)


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The archive, found safe to read part by part. zipfile never unpacks more of a part than the archive declares.

    Raises BrokenFile, EncryptedFile, FileTooLarge.
    """
    archive = list_archive(data)
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise EncryptedFile
    total = _unpacked.get() + sum(part.file_size for part in parts)
    other = [part for part in parts if not part.filename.lower().endswith(_PICTURES)]
    too_large = (
        len(parts) > MAX_PARTS
        or total > MAX_UNPACKED
        or any(part.file_size > MAX_PART for part in parts)
        or any(part.file_size > max(1_000_000, MAX_RATIO * part.compress_size) for part in other)
        or _overlap(parts)
    )
    if too_large:
        raise FileTooLarge("The file is far larger unpacked than it may be.")
    _unpacked.set(total)
    return archive


def list_archive(data: bytes) -> zipfile.ZipFile:
    """The archive, to look at its list of parts only. Raises BrokenFile, FileTooLarge."""
    # Each entry becomes an object of half a kilobyte. Archives within the archive are counted too, so leave room.
    if data.count(_ENTRY) > 10 * MAX_PARTS:
        raise FileTooLarge("The archive holds more files than it may.")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
        raise BrokenFile("The file is damaged or incomplete: it cannot be unpacked.") from error


def _overlap(parts: list[zipfile.ZipInfo]) -> bool:
    """Whether two parts share their bytes, which makes an archive grow without bound when it is unpacked."""
    ordered = sorted(parts, key=lambda part: part.header_offset)
    return any(
        above.header_offset + _LOCAL_HEADER + above.compress_size > below.header_offset
        for above, below in pairwise(ordered)
    )


def is_plain_file(part: zipfile.ZipInfo) -> bool:
    """A file that stays within its archive: no folder, no link, no path that leads outside."""
    path = part.filename.replace("\\", "/")
    outside = path.startswith("/") or ".." in path.split("/") or ":" in path.split("/")[0]
    return not (outside or part.is_dir() or stat.S_ISLNK(part.external_attr >> 16))


@contextmanager
def outermost() -> Iterator[None]:
    """Within it one file that was handed in is read: what is unpacked of it counts together."""
    depth, unpacked = _depth.set(0), _unpacked.set(0)
    try:
        yield
    finally:
        _depth.reset(depth)
        _unpacked.reset(unpacked)


@contextmanager
def inside() -> Iterator[None]:
    """Within it a file inside the present one is read. Raises FileTooLarge where they are nested too deeply."""
    if _depth.get() >= MAX_DEPTH:
        raise FileTooLarge("Files are packed into each other too deeply.")
    token = _depth.set(_depth.get() + 1)
    try:
        yield
    finally:
        _depth.reset(token)
