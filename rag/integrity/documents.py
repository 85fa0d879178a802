"""The documents themselves: original files against their hashes, chunks against the text that they were cut from."""

import hashlib
import logging
from collections.abc import Sequence

from django.core.files.storage import default_storage
from django.db import transaction

from documents.blocks import flatten
from documents.errors import LoadError
from documents.feed import revision_lock
from documents.loading import load
from documents.models import PENDING_STATES, Chunk, Masking, State, Version
from documents.repairs import chunk_texts_restore, version_chunks_replace
from rag.indexing import version_split
from rag.integrity.findings import Finding, Kind, Tally
from rag.vectors import embedding_text, text_hash

logger = logging.getLogger(__name__)
_BLOCK = 1 << 20
_BATCH = 200
_BATCH_BYTES = 8_000_000


def files_check(tally: Tally) -> None:
    """Each stored original, of every version. What is damaged can be told, not mended."""
    last = ""
    while rows := list(
        Version.objects.filter(file__gt=last).order_by("file").values_list("file", "content_hash").distinct()[:_BATCH]
    ):
        for name, digest in rows:
            tally.checked += 1
            fault = _file_fault(name, digest)
            if fault and Version.objects.filter(file=name).exists():  # or it was deleted meanwhile
                titles = Version.objects.filter(file=name).values_list("file_name", flat=True).distinct()[:3]
                tally.add(Finding(Kind.CORRUPT, name, f"{fault} ({', '.join(titles)})"), repaired=False)
        last = rows[-1][0]


def _file_fault(name: str, digest: str) -> str:
    try:
        with default_storage.open(name, "rb") as file:
            found = hashlib.sha256()
            while block := file.read(_BLOCK):
                found.update(block)
    except FileNotFoundError:
        return "The original file is missing."
    except OSError:
        return "The original file cannot be read."
    return "" if found.hexdigest() == digest else "The original file is not what was handed in."


def chunks_check(tally: Tally, *, repair: bool) -> None:
    """The chunks of every version that has any, published or not: a version may come back."""
    indexed = Version.objects.exclude(state__in=[*PENDING_STATES, State.FAILED])
    last = 0
    while rows := list(indexed.filter(pk__gt=last).order_by("pk").values_list("pk", "size", "chunk_count")[:_BATCH]):
        keys: list[int] = []
        size = 0
        for pk, version_size, count in rows:  # their texts are read at once: not too much of them
            keys, size, last = [*keys, pk], size + version_size, pk
            tally.checked += count
            if size > _BATCH_BYTES:
                break
        for pk in _suspected(keys):
            _confirm(pk, tally, repair=repair)


def _suspected(keys: Sequence[int]) -> list[int]:
    versions = {
        version.pk: version for version in Version.objects.filter(pk__in=keys).select_related("document__collection")
    }
    chunks: dict[int, list[Chunk]] = {pk: [] for pk in versions}
    for chunk in Chunk.objects.filter(version__in=keys).order_by("version", "position"):
        if chunk.version_id in chunks:
            chunks[chunk.version_id].append(chunk)
    return [pk for pk, version in versions.items() if _faults(version, chunks[pk])]


def _confirm(pk: int, tally: Tally, *, repair: bool) -> None:
    """Looked at once more while nobody can publish, so that it is no version in the middle of a change."""
    with transaction.atomic():
        revision_lock()
        version = Version.objects.select_related("document__collection").filter(pk=pk).first()
        chunks = list(Chunk.objects.filter(version=pk).order_by("position"))
    if version is None or version.state in PENDING_STATES:
        return
    found = _faults(version, chunks)
    mended = repair and bool(found) and (_restore(version, chunks) or _recompute(version))
    for finding in found:
        tally.add(finding, repaired=mended)


def _faults(version: Version, chunks: Sequence[Chunk]) -> list[Finding]:
    found = [Finding(Kind.CORRUPT, chunk.pk, fault) for chunk in chunks if (fault := _fault(version, chunk))]
    missing = version.chunk_count - len(chunks)
    if missing or [chunk.position for chunk in chunks] != list(range(len(chunks))):
        kind = Kind.MISSING if missing > 0 else Kind.CORRUPT
        found.append(Finding(kind, str(version), f"{len(chunks)} of {version.chunk_count} passages are there."))
    return found


def _fault(version: Version, chunk: Chunk) -> str:
    if version.text[chunk.start : chunk.end] != chunk.text:
        return "The passage is not what stands in the text at its place."
    if not _hash_fits(version, chunk, chunk.text):
        return "The hash of the passage is not that of its text."
    return ""


def _hash_fits(version: Version, chunk: Chunk, text: str) -> bool:
    """Whatever policy it was embedded by: where that has changed, a worker sees to it."""
    present = version.document.collection.masking
    policies = [present, *(other for other in Masking.values if other != present)]
    return any(
        bytes(chunk.embedding_hash)
        == text_hash(embedding_text(title=version.title, heading=chunk.heading, text=text, masking=policy))
        for policy in policies
    )


def _restore(version: Version, chunks: Sequence[Chunk]) -> bool:
    """Take the passages from the version's text; the hash proves that it is what they were. False if that fails."""
    damaged = [chunk for chunk in chunks if _fault(version, chunk)]
    for chunk in damaged:
        chunk.text = version.text[chunk.start : chunk.end]
    if not damaged or _faults(version, chunks):
        return False
    chunk_texts_restore(chunks=damaged)
    return True


def _recompute(version: Version) -> bool:
    """Read and cut the original file again. False if that cannot be done."""
    try:
        with version.file.open("rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != version.content_hash:
            return False
        document = load(data, version.file_name)
    except (OSError, LoadError) as error:
        logger.warning("Version %s cannot be read again: %s", version, error)
        return False
    text = flatten(document.blocks)
    chunks = version_split(version, text, version.document.collection.masking)
    version_chunks_replace(version=version, text=text.content, chunks=chunks)
    return True
