"""The checksums that tantivy writes at the end of its files, which its Python binding does not offer to verify.

A file ends with a footer: JSON with the CRC-32 of what is before it, then the length of that JSON and a magic number,
each 4 bytes little endian (tantivy's ``src/directory/footer.rs``).
"""

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

_MAGIC = 1337
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_BLOCK = 1 << 20


def faults(directory: Path) -> list[str]:
    """Reads every byte of the segments in use. One sentence for each file that is not as it was written."""
    meta = directory / "meta.json"
    try:
        before = meta.read_bytes()
        found: list[str] = []
        for segment in json.loads(before)["segments"]:
            files = {f"{UUID(segment['segment_id']).hex}.{part}" for part in _PARTS} | _deletes(segment)
            found += [fault for file in sorted(files) if (fault := _fault(directory / file))]
        if found and meta.read_bytes() != before:
            return faults(directory)  # a write replaced what was looked at
    except (OSError, ValueError, KeyError, TypeError):
        return ["The list of the lexical index's files cannot be read."]
    return found


def clear_leftovers(directory: Path) -> None:
    """Remove the lists of deleted documents that a write left which did not come to its end: the next one of that name
    would fail. For whoever may write, while nobody does.
    """
    try:
        segments = json.loads((directory / "meta.json").read_bytes())["segments"]
        used = set[str]().union(*map(_deletes, segments))
    except (OSError, ValueError, KeyError, TypeError):
        return  # faults() tells of it
    for path in directory.glob("*.del"):
        if path.name not in used:
            path.unlink(missing_ok=True)


def _deletes(segment: Mapping[str, Any]) -> set[str]:
    """The file that says which documents of a segment are deleted, if it has one."""
    deletes = segment.get("deletes")
    return {f"{UUID(segment['segment_id']).hex}.{deletes['opstamp']}.del"} if deletes else set()


def _fault(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            file.seek(max(0, size - 8))
            length, magic = struct.unpack("<II", file.read(8))
            end = size - 8 - length
            if magic != _MAGIC or end < 0:
                return f"The file {path.name} of the lexical index has no readable end."
            file.seek(end)
            wanted = json.loads(file.read(length))["crc"]
            file.seek(0)
            crc, left = 0, end
            while left > 0:
                block = file.read(min(_BLOCK, left))
                if not block:
                    break
                crc, left = zlib.crc32(block, crc), left - len(block)
    except FileNotFoundError:
        return f"The file {path.name} of the lexical index is missing."
    except (ValueError, KeyError, TypeError, struct.error):
        return f"The file {path.name} of the lexical index has no readable end."
    return "" if crc == wanted else f"The file {path.name} of the lexical index is not what was written."
