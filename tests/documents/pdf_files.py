"""Small PDF files, made byte by byte."""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = b"0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text. ``y`` counts in points from the lower edge; a page is 600 wide and 800 high."""

    text: str
    y: float
    x: float = 50
    size: float = 10


def rows(*texts: str, top: float = 740, step: float = 12, size: float = 10) -> list[Row]:
    """Lines below each other."""
    return [Row(text, top - position * step, size=size) for position, text in enumerate(texts)]


def make_pdf(pages: Sequence[Sequence[Row]], *, title: str = "", user_password: str | None = None) -> bytes:
    """``user_password``: None for a file that is not encrypted, empty for one that only its owner may change."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    key = None if user_password is None else _key(user_password)
    for index, page in enumerate(pages):
        number = 4 + 2 * index
        content = _encrypted(b"\n".join(map(_show, page)), key, number + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (number + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    trailer = b""
    if key is not None:
        owner = _rc4(hashlib.md5(_padded("owner"), usedforsecurity=False).digest()[:5], _padded(user_password or ""))
        user = _rc4(key, _PADDING)
        objects.append(
            b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (owner.hex().encode(), user.hex().encode())
        )
        trailer += b" /Encrypt %d 0 R /ID [<%s> <%s>]" % (len(objects), _ID.hex().encode(), _ID.hex().encode())
    elif title:
        objects.append(b"<< /Title %s >>" % _string(title))
        trailer += b" /Info %d 0 R" % len(objects)
    return _file(objects, trailer)


def _file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            size,
            table,
            size,
            trailer,
            len(out),
        )
    )


def _show(row: Row) -> bytes:
    return f"BT /F {row.size} Tf {row.x} {row.y} Td ".encode() + _string(row.text) + b" Tj ET"


def _string(text: str) -> bytes:
    raw = text.encode("cp1252")
    return b"(" + raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def _padded(password: str) -> bytes:
    return (password.encode() + _PADDING)[:32]


def _key(user_password: str) -> bytes:
    owner = _rc4(hashlib.md5(_padded("owner"), usedforsecurity=False).digest()[:5], _padded(user_password))
    seed = _padded(user_password) + owner + struct.pack("<i", -4) + _ID
    return hashlib.md5(seed, usedforsecurity=False).digest()[:5]


def _encrypted(data: bytes, key: bytes | None, number: int) -> bytes:
    if key is None:
        return data
    own = hashlib.md5(key + struct.pack("<I", number)[:3] + b"\0\0", usedforsecurity=False).digest()
    return _rc4(own[:10], data)


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
