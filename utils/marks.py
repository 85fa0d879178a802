"""Keyed hashes that last: something is known again by them without being told, and without the key nobody can guess it.

They are kept for years, so they do not hang on SECRET_KEY where AUDIT_KEY is set: that one is never changed.
"""

import hashlib
import hmac
import json

from django.conf import settings


def mark(kind: str, *parts: object) -> str:
    """64 hexadecimal digits, the same for the same parts as long as the key is the same."""
    told = json.dumps([kind, *map(str, parts)])
    key = settings.AUDIT_KEY or f"audit:{settings.SECRET_KEY}"
    return hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()
