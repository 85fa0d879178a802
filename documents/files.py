"""The original files of versions, kept under the hash of their content."""

import hashlib
from contextlib import suppress

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def content_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def store(data: bytes, digest: str) -> str:
    """Keep the file and return its name in the storage; equal content is kept once."""
    name = f"versions/{digest[:2]}/{digest}"
    if default_storage.exists(name):
        if default_storage.size(name) == len(data):
            return name
        default_storage.delete(name)  # whoever wrote it was stopped half-way
    try:
        return default_storage.save(name, ContentFile(data))
    except OSError:
        with suppress(OSError):
            default_storage.delete(name)  # half a file takes room that there is none of
        raise


def remove(name: str) -> None:
    default_storage.delete(name)
