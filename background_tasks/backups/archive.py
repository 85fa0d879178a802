"""What is in an archive, in this order.

``header.json``          what is known beforehand (:class:`Header`)
``erased-accounts``      the notes of erased accounts (users/tombstones.py), one a line
``files/versions/ab/…``  the original files, each named by its SHA-256
``tables/NAME/0001``     rows of a table, one a line (columns.py), a few megabytes a part
``manifest.json``        what is known afterwards (:class:`Manifest`)
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import PurePosixPath
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from background_tasks.backups.columns import Column
from background_tasks.backups.errors import BackupBroken, BackupRefused
from background_tasks.backups.framing import Chunks, Member, framed, unframed
from background_tasks.backups.sealing import is_sealed, sealed, unsealed
from background_tasks.backups.tables import Migration, Tally

Form = TypeVar("Form", bound=BaseModel)
FORMAT = 1
_SMALL = 64 << 20
"""Bytes of what is read into memory whole."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(_Form):
    format: int = FORMAT
    product: str
    made: datetime
    database: str
    lineage: str
    keys: dict[str, str]
    """Marks by which the keys are known again that some of the rows need."""
    migrations: list[Migration]
    tables: dict[str, list[tuple[str, str]]]
    """Name and kind of each column."""

    def columns(self, table: str) -> list[Column]:
        return [Column(*column) for column in self.tables[table]]


class Rows(_Form):
    rows: int
    checksum: str
    last: int = 0
    """The last number that the database gave to a row."""


class Manifest(_Form):
    tables: dict[str, Rows]
    files: int
    bytes: int
    """Of the files."""
    lost: list[str]
    """Original files that a version names and that were missing or damaged, so they are not in the archive."""


def packed(members: Iterable[Member], passphrase: str) -> Iterator[bytes]:
    chunks = framed(members)
    return sealed(chunks, passphrase) if passphrase else chunks


def whole(name: str, content: bytes) -> Member:
    return name, len(content), [content]


def file_member(digest: str) -> str:
    return f"files/versions/{digest[:2]}/{digest}"


def part_member(table: str, number: int) -> str:
    return f"tables/{table}/{number:06}"


class Reader:
    """Reads an archive from beginning to end: first :meth:`files`, then :meth:`parts`, then :meth:`finish`.

    All of them raise BackupBroken. What was read before :meth:`finish` has returned may be anything.
    """

    def __init__(self, chunks: Chunks, passphrase: str) -> None:
        """Raises BackupRefused for a wrong passphrase or an archive of a newer form, BackupBroken."""
        stream = iter(chunks)
        first = next(stream, b"")
        joined = chain([first], stream)
        self._members = unframed(unsealed(joined, passphrase) if is_sealed(first) else joined)
        self.header = self._header()
        self.erased = frozenset(self._small("erased-accounts").decode("ascii", "replace").split())
        self._tallies = {name: Tally() for name in self.header.tables}
        self._files = self._bytes = 0
        self._next: Member | None = None

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """SHA-256 and content of each file, to be read before the next is asked for.

        Whether it is right is known when all of it was read.
        """
        for name, size, content in self._members:
            if not name.startswith("files/"):
                self._next = name, size, content
                return
            digest = PurePosixPath(name).name
            if name != file_member(digest):
                raise BackupBroken(f"The archive holds {name}, which nothing of ours is called.")
            self._files, self._bytes = self._files + 1, self._bytes + size
            yield digest, _verified(digest, content)

    def parts(self) -> Iterator[tuple[str, list[bytes]]]:
        """Tables, some rows each time."""
        for name, size, content in chain([self._next] if self._next else [], self._members):
            self._next = None
            if name == "manifest.json":
                self._next = name, size, content
                return
            place, _, table = str(PurePosixPath(name).parent).partition("/")
            if place != "tables" or table not in self._tallies:
                raise BackupBroken(f"The archive holds {name}, which nothing of ours is called.")
            lines = b"".join(content).split(b"\n")[:-1]
            for line in lines:
                self._tallies[table].add(line)
            yield table, lines

    def finish(self) -> Manifest:
        """What the archive says that it holds, which is what was read, every bit of it."""
        if self._next is None:
            raise BackupBroken("The archive is damaged: it has no manifest.")
        manifest = _parsed(Manifest, b"".join(self._next[2]))
        for _ in self._members:
            raise BackupBroken("The archive is damaged: something follows its manifest.")
        if manifest.tables.keys() != self._tallies.keys():
            raise BackupBroken("The archive is damaged: its manifest names other tables than its header.")
        for name, tally in self._tallies.items():
            said = manifest.tables[name]
            if (said.rows, said.checksum) != (tally.rows, tally.checksum):
                raise BackupBroken(f"The archive is damaged: the rows of {name} are not those that were saved.")
        if (manifest.files, manifest.bytes) != (self._files, self._bytes):
            raise BackupBroken("The archive is damaged: files are missing.")
        return manifest

    def _header(self) -> Header:
        content = self._small("header.json")
        form = _parsed(_AnyForm, content).format
        if form != FORMAT:
            raise BackupRefused(
                f"The archive has form {form}, and this version reads form {FORMAT}. Use the version that made it, "
                "or a newer one."
            )
        return _parsed(Header, content)

    def _small(self, name: str) -> bytes:
        found, size, content = next(self._members, ("", 0, []))
        if found != name or size > _SMALL:
            raise BackupBroken(f"The archive is damaged, or it is none: {name} is not where it belongs.")
        return b"".join(content)


class _AnyForm(BaseModel):
    format: int


def _verified(digest: str, content: Iterable[bytes]) -> Iterator[bytes]:
    found = hashlib.sha256()
    for piece in content:
        found.update(piece)
        yield piece
    if found.hexdigest() != digest:
        raise BackupBroken(f"The archive is damaged: the file {digest} is not what it is called.")


def _parsed(form: type[Form], content: bytes) -> Form:
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        raise BackupBroken("The archive is damaged: what describes it cannot be read.") from error
