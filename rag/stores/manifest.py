"""The manifest of a folder of segments: which files count, with their sizes and checksums.

It is replaced by a rename: a reader sees the old state or the new one, never a mixture, and needs no lock.
"""

import hashlib
import mmap
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel

from rag.errors import StoreCorrupt

MANIFEST = "manifest.json"


class File(BaseModel, frozen=True):
    name: str
    size: int
    sha256: str


class Entry(BaseModel, frozen=True):
    """One segment, as the manifest names it."""

    rows: int
    vectors: File
    short: File | None = None
    ids: File
    labels: File
    dead: File | None = None
    dead_rows: int = 0

    @property
    def undeleted(self) -> "Entry":
        """The same segment before any deletion."""
        return self.model_copy(update={"dead": None, "dead_rows": 0})

    @property
    def files(self) -> tuple[File, ...]:
        files = (self.vectors, self.short, self.ids, self.labels, self.dead)
        return tuple(file for file in files if file)


class Manifest(BaseModel, frozen=True):
    dimensions: int
    generation: int = 0
    labels: tuple[str, ...] = ()
    """Names of collections and categories; rows refer to them by position, so the tuple only ever grows."""
    segments: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadManifest:
    manifest: Manifest
    identity: tuple[int, int, int] | None
    pin: mmap.mmap | None = None
    """Holds the file, so that its inode number is not given to a later manifest while the two are compared."""


def create(path: Path, write: Callable[[BinaryIO], object]) -> File:
    """A file that is new and safe on the disk, with its checksum. Raises FileExistsError."""
    with path.open("xb+") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return File(name=path.name, sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=file.tell())


def faults(directory: Path, entry: Entry) -> list[str]:
    """Reads every byte of a segment. One sentence for each file that is not as it was written."""
    found = []
    for file in entry.files:
        try:
            with (directory / file.name).open("rb") as opened:
                whole = hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
        except FileNotFoundError:
            found.append(f"The file {file.name} of the vector index is missing.")
        else:
            if not whole:
                found.append(f"The file {file.name} of the vector index is not what was written.")
    return found


def identity(directory: Path) -> tuple[int, int, int] | None:
    """What changes whenever the manifest does; None where there is none."""
    try:
        return _identity(os.stat(directory / MANIFEST))
    except FileNotFoundError:
        return None


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_mtime_ns, status.st_size


def read_manifest(directory: Path, dimensions: int) -> ReadManifest:
    """Raises StoreCorrupt if the manifest cannot be understood or belongs to vectors of another length."""
    try:
        with (directory / MANIFEST).open("rb") as file:
            status = os.fstat(file.fileno())
            pin = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        manifest = Manifest.model_validate_json(pin[:])
    except FileNotFoundError:
        return ReadManifest(Manifest(dimensions=dimensions), None)
    except ValueError as error:
        raise StoreCorrupt("The manifest of the vector index cannot be read.") from error
    if manifest.dimensions != dimensions:
        raise StoreCorrupt(f"The vector index holds vectors of length {manifest.dimensions}, not {dimensions}.")
    return ReadManifest(manifest, _identity(status), pin)


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """The moment at which a write happens. Afterwards whatever the manifest does not name is removed."""
    temporary = directory / f"{MANIFEST}.new"
    with temporary.open("wb") as file:
        file.write(manifest.model_dump_json().encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(directory / MANIFEST)
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    named = {MANIFEST} | {file.name for entry in manifest.segments for file in entry.files}
    for path in directory.iterdir():
        if path.name not in named:
            with suppress(OSError):  # the write is done; the next one tries again
                path.unlink()
