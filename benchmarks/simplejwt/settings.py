"""As `make run`, with simplejwt's list of spent tokens and its view."""

from config.settings.local import *  # noqa: F403
from config.settings.local import INSTALLED_APPS, SIMPLE_JWT

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework_simplejwt.token_blacklist"]
SIMPLE_JWT = {**SIMPLE_JWT, "ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}
ROOT_URLCONF = "benchmarks.simplejwt.urls"
