"""The ASGI entry point that a server loads: ``uvicorn config.asgi:application``."""

import gc
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

# Whatever is loaded stays, so the collector would look through all of it again and again for nothing.
gc.disable()

import django  # noqa: E402
from django.conf import settings  # noqa: E402


def connections_bound() -> None:
    """However many requests and streams there are, they share a few connections to PostgreSQL."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.postgresql":
        database["ENGINE"] = "utils.postgresql"
        database.setdefault("OPTIONS", {})["pool"] = {
            "min_size": 2,
            "max_size": settings.SERVER_CONNECTIONS,
            # Whoever asks while the database is away is told so after this long; a restart is over by then.
            "timeout": 10,
            # It begins anew to connect after this long. Its pauses double, and would go on for half a minute after the
            # database is back.
            "reconnect_timeout": 2,
        }


connections_bound()
django.setup(set_prefix=False)

from config.handler import Handler  # noqa: E402 - it needs the models
from utils.telemetry import telemetry_start  # noqa: E402

# Threads that wait for their turn ask for it this often. At Python's five milliseconds dozens of them, each with a
# request that asks the database every other millisecond anyway, spend more on asking than a turn is worth.
sys.setswitchinterval(0.02)

telemetry_start("server")
application = Handler()

# Nor does it from here on: a full collection, which comes in the middle of a request, would take tens of milliseconds.
gc.collect()
gc.freeze()
gc.enable()
