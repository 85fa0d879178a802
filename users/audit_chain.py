"""The hashes that make the entries of the audit trail one chain.

The hash of an entry covers the hash before it, so nothing can be changed, put in or taken out unnoticed. It is keyed
(utils/marks.py): whoever can write to the database but does not have the key cannot make a chain of their own. What
tells of persons goes into it as two salted digests. When such a part is blanked, its salt goes too; the digest stays,
so the chain still verifies, and without the salt it tells nothing, not even to whoever guesses.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from users.models import AuditEntry, AuditHead
from utils.marks import mark

BEGINNING = ""
"""In the place of a hash before the first entry."""


def append(entry: AuditEntry) -> None:
    """Save an entry at the end of the chain. Within a transaction, whose end lets the next one append."""
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        AuditHead.objects.get_or_create(pk=1, defaults={"number": 0, "hash": BEGINNING, "seal": ""})
        head = AuditHead.objects.select_for_update().get(pk=1)
    entry.id = head.number + 1
    entry.actor_digest, entry.object_digest = actor_digest(entry), object_digest(entry)
    entry.hash = hash_of(entry, head.hash)
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=1).update(number=entry.id, hash=entry.hash, seal=seal_of(entry.id, entry.hash))


def hash_of(entry: AuditEntry, before: str) -> str:
    at = entry.at.astimezone(UTC).isoformat()
    return mark(
        "audit.entry", before, entry.id, at, entry.action, entry.object_type, entry.actor_digest, entry.object_digest
    )


def seal_of(number: int, last: str) -> str:
    return mark("audit.head", number, last)


def actor_digest(entry: AuditEntry) -> str:
    return _digest(entry.actor_salt, [entry.actor_id, entry.actor_name, entry.address, entry.request_id])


def object_digest(entry: AuditEntry) -> str:
    return _digest(entry.object_salt, [entry.object_id, entry.subject_id, entry.detail, entry.before, entry.after])


def digest_of_parts(parts: Iterable[str]) -> str:
    """Of the parts that a removal has blanked, in whatever order: ``actor:7``, ``object:9``."""
    return hashlib.sha256(" ".join(sorted(parts)).encode()).hexdigest()


def _digest(salt: str, told: list[Any]) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()
