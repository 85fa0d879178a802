"""The keys of the tokens. Each token says by the id of a key (``kid``) which one signed it, so that keys can be changed
while tokens of the former ones are still out.
"""

import hashlib
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError


def key_id(key: str) -> str:
    """What may be known of a key, which has too many bits to be guessed."""
    return hashlib.sha256(b"grounded.kid:" + key.encode()).hexdigest()[:16]


class KeyedBackend(TokenBackend):
    """Signs with the first key, believes all. Never another algorithm than HS256, whatever a token says."""

    def __init__(self, keys: tuple[str, ...], *, audience: str, issuer: str) -> None:
        super().__init__("HS256", keys[0], audience=audience, issuer=issuer)
        self._key, self._id = keys[0], key_id(keys[0])
        self._keys = {key_id(key): key for key in keys}

    def encode(self, payload: dict[str, Any]) -> str:
        claims = {**payload, "aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, self._key, algorithm=self.algorithm, headers={"kid": self._id})

    def get_verifying_key(self, token: Any) -> str:
        key = self._keys.get(jwt.get_unverified_header(token).get("kid", ""))
        if key is None:
            raise TokenBackendError("No key that is believed has signed this token.")
        return key


def backend() -> KeyedBackend:
    options = settings.SIMPLE_JWT
    return _backend(
        (options["SIGNING_KEY"], *settings.JWT_PREVIOUS_KEYS), audience=options["AUDIENCE"], issuer=options["ISSUER"]
    )


_backend = lru_cache(maxsize=4)(KeyedBackend)
