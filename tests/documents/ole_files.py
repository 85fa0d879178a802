"""Writes the container of older Office programs and Outlook ([MS-CFB]), as small as it can be."""

import struct
from collections.abc import Mapping

_SECTOR = 512
_LEAST = 4096
"""Streams below this size would lie in a container of their own, so none is."""
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def ole_file(streams: Mapping[str, bytes]) -> bytes:
    """A container of these streams; ``folder/name`` is a stream in a folder. Each is padded by NULs."""
    entries: list[tuple[str, int, bytes, int, int]] = []  # name, kind, content, next sibling, first child
    folders: dict[str, list[tuple[str, bytes]]] = {}
    for path, content in streams.items():
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append((name, content))
    top = [(name, _STREAM, content) for name, content in folders.pop("", [])]
    top += [(name, _STORAGE, b"") for name in folders]
    entries.append(("Root Entry", _ROOT, b"", _NONE, 1 if top else _NONE))
    below = 1 + len(top)
    for position, (name, kind, content) in enumerate(top, 1):
        sibling = position + 1 if position < len(top) else _NONE
        entries.append((name, kind, content, sibling, below if kind == _STORAGE else _NONE))
        below += len(folders.get(name, [])) if kind == _STORAGE else 0
    for members in folders.values():
        for position, (name, content) in enumerate(members, 1):
            sibling = len(entries) + 1 if position < len(members) else _NONE
            entries.append((name, _STREAM, content, sibling, _NONE))
    return _container(entries)


def _container(entries: list[tuple[str, int, bytes, int, int]]) -> bytes:
    directory_sectors = -(-len(entries) // 4)
    # The table of sectors is the first one; then the directory; then the streams.
    fat = [_FAT, *range(2, directory_sectors + 1), _END]
    directory, body = b"", b""
    for name, kind, content, sibling, child in entries:
        start, size = _END, 0
        if kind == _STREAM:
            padded = content.ljust(_LEAST, b"\0")
            padded += bytes(-len(padded) % _SECTOR)
            start, size = len(fat), max(len(content), _LEAST)
            count = len(padded) // _SECTOR
            fat += [*range(start + 1, start + count), _END]
            body += padded
        wide = name.encode("utf-16-le") + b"\0\0"
        directory += struct.pack(
            "<64sHBBIII16sIQQIQ", wide, len(wide), kind, 1, _NONE, sibling, child, bytes(16), 0, 0, 0, start, size
        )
    directory += bytes(directory_sectors * _SECTOR - len(directory))
    assert len(fat) <= 128
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6),
        0, 1, 1, 0, _LEAST, _END, 0, _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat))) + directory + body
