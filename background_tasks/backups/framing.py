"""The outer form of an archive: a tar file, compressed by gzip, with a checksum of the whole at its end.

Standard tools open it. The checksum is a second gzip member without content, whose extra field holds the SHA-256 of
every byte before it. A reader computes that member and compares it byte for byte: no bit of the file is without a
check, the last one included, and nothing can be cut off or added.
"""

import hashlib
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from background_tasks.backups.errors import BackupBroken

Chunks = Iterable[bytes]
Member = tuple[str, int, Chunks]
"""Name, size in bytes, content."""

_LEVEL = 3
"""Of gzip: half the time of its default, and a tenth more space."""
_BLOCK = 512
_PIECE = 1 << 18
_DAMAGED = "The archive is damaged or was cut short"


def framed(members: Iterable[Member]) -> Iterator[bytes]:
    """The bytes of an archive."""
    compress, digest = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31), hashlib.sha256()
    for data in _tar(members):
        if piece := compress.compress(data):
            digest.update(piece)
            yield piece
    last = compress.flush()
    digest.update(last)
    yield last
    yield _ending(digest.digest())


def unframed(chunks: Chunks) -> Iterator[Member]:
    """The members of an archive, each to be read before the next is asked for.

    Raises BackupBroken, at the end at the latest: only who has read all of it knows that it is good.
    """
    stream = _Stream(_decompressed(_checked(chunks)))
    while any(header := stream.exactly(_BLOCK)):
        try:
            info = tarfile.TarInfo.frombuf(header, "ascii", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise BackupBroken(f"{_DAMAGED}: one of its parts has no readable name.") from error
        content = stream.pieces(info.size)
        yield info.name, info.size, content
        for _ in content:
            pass
        stream.exactly(-info.size % _BLOCK)
    stream.end()


def _tar(members: Iterable[Member]) -> Iterator[bytes]:
    for name, size, content in members:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        yield info.tobuf(tarfile.USTAR_FORMAT)
        written = 0
        for piece in content:
            written += len(piece)
            yield piece
        if written != size:
            raise RuntimeError(f"{name} has {written} bytes, not {size}.")
        yield bytes(-size % _BLOCK)
    yield bytes(2 * _BLOCK)


def _ending(digest: bytes) -> bytes:
    extra = b"GB" + len(digest).to_bytes(2, "little") + digest
    header = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff" + len(extra).to_bytes(2, "little") + extra
    return header + b"\x03\x00" + bytes(8)


_ENDING_SIZE = len(_ending(bytes(32)))


def _checked(chunks: Chunks) -> Iterator[bytes]:
    """All but the ending, which is compared."""
    digest, held = hashlib.sha256(), b""
    for chunk in chunks:
        held += chunk
        if len(held) > _ENDING_SIZE:
            ready, held = held[:-_ENDING_SIZE], held[-_ENDING_SIZE:]
            digest.update(ready)
            yield ready
    if held != _ending(digest.digest()):
        raise BackupBroken(f"{_DAMAGED}: its checksum is not that of what it holds.")


def _decompressed(chunks: Chunks) -> Iterator[bytes]:
    decompress = zlib.decompressobj(31)
    try:
        for chunk in chunks:
            data = chunk
            while data:
                if piece := decompress.decompress(data, _PIECE):
                    yield piece
                data = decompress.unconsumed_tail
                if decompress.unused_data:
                    raise BackupBroken(f"{_DAMAGED}: something follows its end.")
        if piece := decompress.flush():
            yield piece
    except zlib.error as error:
        raise BackupBroken(f"{_DAMAGED}: it cannot be decompressed.") from error
    if not decompress.eof:
        raise BackupBroken(f"{_DAMAGED}: its end is missing.")


class _Stream:
    """Reads so many bytes at a time."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""

    def exactly(self, count: int) -> bytes:
        return b"".join(self.pieces(count))

    def pieces(self, count: int) -> Iterator[bytes]:
        while count:
            self._held = self._held or next(self._chunks, b"")
            if not self._held:
                raise BackupBroken(f"{_DAMAGED}: its end is missing.")
            piece, self._held = self._held[:count], self._held[count:]
            count -= len(piece)
            yield piece

    def end(self) -> None:
        """Nothing follows but the rest of the tar file's end. To the last chunk: the checksum is compared there."""
        if any(chain(self._held, *self._chunks)):
            raise BackupBroken(f"{_DAMAGED}: something follows its end.")
