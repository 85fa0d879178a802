"""Secrets that got into a log line are masked before it is written.

Nothing of ours logs any, which the suite watches over (tests/log_watch.py). This is for what a library, or a bug's
traceback, may tell all the same.
"""

import logging
import re
from functools import cache
from typing import Any

from django.conf import settings

MASK = "[masked]"
_SHORTEST = 8
"""Characters of a value that is masked wherever it stands; what is shorter might be part of any word."""
_FORMS = (
    r"eyJ[\w-]{8,}(?:\.[\w-]+){1,2}",  # JSON web tokens
    r"gk_[0-9A-Za-z]{20,}",  # API keys of users
    r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)",  # user and password within an address
    r"(?i:(?<=bearer )|(?<=visitor )|(?<=token=)|(?<=password=)|(?<=secret=)|(?<=key=))[^\s&,;'\")]{8,}",
)


class MaskingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def masked(text: str) -> str:
    return _secrets().sub(MASK, text)


@cache
def _secrets() -> re.Pattern[str]:
    own = [settings.SECRET_KEY, settings.JWT_SIGNING_KEY, settings.DATABASES["default"].get("PASSWORD")]
    own.append(settings.METRICS_TOKEN)
    own += [settings.BACKUPS["PASSPHRASE"], settings.BACKUPS["S3_SECRET"]]
    own += [value for part in settings.RAG.values() if isinstance(part, dict) for value in _keys(part)]
    known = [re.escape(str(value)) for value in own if value and len(str(value)) >= _SHORTEST]
    return re.compile("|".join((*known, *_FORMS)))


def _keys(options: dict[str, Any]) -> list[object]:
    return [value for name, value in options.items() if name.endswith("api_key")]
