"""Values kept for a short while in the cache, which may be gone or out of reach at any time."""

import json
import logging
from contextlib import suppress
from typing import Any

from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from utils.reaching import reached

logger = logging.getLogger(__name__)


class JSONSerializer:
    """How values are written to Redis: whoever could write there cannot make this process run anything."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


def key_of(kind: str, *parts: object) -> str:
    """A key that tells nothing of its parts, not even to whoever guesses them: it hangs on the secret key."""
    told = json.dumps([str(part) for part in parts])
    return f"{kind}:{salted_hmac(kind, told, algorithm='sha256').hexdigest()}"


def recall(keys: list[str]) -> dict[str, Any]:
    """What there is under these keys; nothing where the cache cannot be reached."""
    try:
        with reached("default") as cache:
            return cache.get_many(keys)
    except RedisError:
        return {}
    except ValueError:
        logger.warning("The cache holds what is no JSON.")
        return {}


def remember(values: dict[str, Any], *, seconds: int) -> None:
    """Values must be JSON. A cache that cannot be reached is passed over."""
    if seconds > 0 and values:
        with suppress(RedisError), reached("default") as cache:
            cache.set_many(values, seconds)


def forget(*kinds: str) -> None:
    """Drop all that is kept under keys of these kinds (:func:`key_of`), wherever this process can reach it."""
    with suppress(RedisError), reached("default") as cache:
        client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined] # Django has no other way to it
        for kind in kinds:
            if keys := list(client.scan_iter(match=cache.make_key(f"{kind}:*"), count=1000)):
                client.unlink(*keys)
