"""Archives that only a passphrase opens.

A key is made of the passphrase by scrypt, and every 64 KiB are encrypted by themselves with AES-256-GCM. The nonce of a
piece holds its number and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár,
2015), and each piece is bound to the archive's header: none can be changed, moved, left out or put in, and no end can
be cut off, without being noticed.
"""

import hashlib
import secrets
import struct
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from background_tasks.backups.errors import BackupBroken, BackupRefused
from background_tasks.backups.framing import Chunks

_MAGIC = b"GROUNDED-SEALED\x01"
_HEADER = struct.Struct("16sBBB16s7s16s")
"""Magic, log2 of scrypt's N, its r and p, salt, beginning of the nonces, what a right key is known by."""
_CHECKSUM = 32
_PIECE, _TAG = 1 << 16, 16
_MOST_COST = 22
"""What a header may ask for: log2 of N, 4 GiB of memory."""


def is_sealed(beginning: bytes) -> bool:
    """By as many first bytes as there are; where some are damaged it is no archive of either kind."""
    return beginning.startswith(_MAGIC[:15])


def sealed(chunks: Chunks, passphrase: str) -> Iterator[bytes]:
    salt, prefix, cost = secrets.token_bytes(16), secrets.token_bytes(7), settings.BACKUPS["SCRYPT_COST"]
    key, known_by = _key(passphrase, salt, cost, 8, 1)
    header = _HEADER.pack(_MAGIC, cost, 8, 1, salt, prefix, known_by)
    yield header + hashlib.sha256(header).digest()
    cipher = AESGCM(key)
    for number, (piece, last) in enumerate(_cut(chunks, _PIECE)):
        yield cipher.encrypt(_nonce(prefix, number, last), piece, header)


def unsealed(chunks: Chunks, passphrase: str) -> Iterator[bytes]:
    """Raises BackupRefused for a wrong passphrase, BackupBroken; nothing is handed on that was not checked."""
    beginning, rest = _split(iter(chunks), _HEADER.size + _CHECKSUM)
    header = beginning[: _HEADER.size]
    if hashlib.sha256(header).digest() != beginning[_HEADER.size :]:
        raise BackupBroken("The archive's header is damaged or cut short; the archive cannot be read.")
    magic, cost, r, p, salt, prefix, known_by = _HEADER.unpack(header)
    if magic != _MAGIC or cost > _MOST_COST:
        raise BackupRefused("The archive is encrypted in a way that this version does not know; a newer one may.")
    if not passphrase:
        raise BackupRefused("The archive is encrypted: set BACKUP_PASSPHRASE to the passphrase it was made with.")
    key, expected = _key(passphrase, salt, cost, r, p)
    if not secrets.compare_digest(known_by, expected):
        raise BackupRefused("BACKUP_PASSPHRASE is not the passphrase that the archive was made with.")
    cipher = AESGCM(key)
    for number, (piece, last) in enumerate(_cut(rest, _PIECE + _TAG)):
        try:
            yield cipher.decrypt(_nonce(prefix, number, last), piece, header)
        except (InvalidTag, ValueError) as error:
            raise BackupBroken("The archive is damaged or was cut short: a part of it is not authentic.") from error


def _key(passphrase: str, salt: bytes, cost: int, r: int, p: int) -> tuple[bytes, bytes]:
    """The key, and what a right one is known by."""
    made = Scrypt(salt=salt, length=48, n=1 << cost, r=r, p=p).derive(passphrase.encode())
    return made[:32], made[32:]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4) + bytes([last])


def _cut(chunks: Chunks, size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of this size, and whether it is the last, which may be shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def _split(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and the rest."""
    held = b""
    while len(held) < size and (chunk := next(chunks, b"")):
        held += chunk

    def rest() -> Iterator[bytes]:
        yield held[size:]
        yield from chunks

    return held[:size], rest()
