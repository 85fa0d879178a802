"""The original files of versions, kept under the hash of their content."""

import hashlib

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
    return default_storage.save(name, ContentFile(data))


def remove(name: str) -> None:
    default_storage.delete(name)
