"""PostgreSQL or SQLite, Redis or what stands in for it."""

from pathlib import Path
from typing import Any

import dj_database_url

from config.settings.environment import DATA_DIR, ENV


def sqlite(directory: Path) -> dict[str, Any]:
    """A database in one file. Readers go on while one process writes; a second writer waits instead of failing."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(directory / "db.sqlite3"),
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(ENV.database_url) if ENV.database_url else sqlite(DATA_DIR)
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Where the network swallows packets nobody waits for a quarter of an hour, as TCP would have it.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }
SERVER_CONNECTIONS: int = ENV.server_connections


def _stand_in() -> dict[str, Any]:
    """Without a server the same client talks to one inside this process, which takes time to import."""
    from fakeredis import FakeRedisConnection

    return {"connection_class": FakeRedisConnection}


def redis(seconds: float) -> dict[str, Any]:
    """A cache whose server has so many seconds to answer, and half as many to take a connection."""
    timeouts = {"socket_timeout": seconds, "socket_connect_timeout": seconds / 2, "protocol": 2}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url or "redis://stand-in",
        "OPTIONS": {
            "serializer": "utils.remembering.JSONSerializer",
            "pool_class": "utils.shared_pool.SharedPool",
            **(timeouts if ENV.redis_url else _stand_in()),
        },
    }


# Whether somebody may go on is to be known within 50 ms where Redis is away (utils/rate_limit.py).
CACHES: dict[str, Any] = {"default": redis(0.5), "limits": redis(0.02), "limits_patient": redis(0.25)}
