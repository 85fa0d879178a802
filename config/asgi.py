"""The ASGI entry point that a server loads: ``uvicorn config.asgi:application``."""

import gc
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
application = get_asgi_application()

# What is loaded by now stays. Otherwise every full collection, which comes in the middle of some request, goes through
# all of it and takes tens of milliseconds.
gc.collect()
gc.freeze()
