"""Watches every record that is logged in a run, in every process of it, for secrets: a test during which one is logged
fails.

What is looked at is the record itself with its traceback, before anything is masked.
"""

import logging
import re
import traceback
from collections.abc import Iterator

import pytest
from django.conf import settings

PASSWORD = "correct horse battery staple"
FORMS = {
    "a JSON web token": re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}"),
    "an API key": re.compile(r"gk_[0-9A-Za-z]{50}"),
    "a visitor's or mailed token": re.compile(r"\b[\w-]{20,}:[0-9A-Za-z]{6}:[\w-]{43}\b"),
    "credentials in a header": re.compile(r"(?i)\b(bearer|visitor)\s+[\w.:-]{20,}"),
    "a password in an address": re.compile(r"://[^\s/@:]*:[^\s/@]+@"),
    "a token in an address": re.compile(r"(?i)[?&#](token|key|secret|password)=[^&\s]{8,}"),
}


class LogWatch(logging.Handler):
    """``seen`` says what was logged that should not have been, without saying it again."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text += "".join(traceback.format_exception(record.exc_info[1]))
        for name in kinds(text):
            self.seen.append(f"{record.name} ({record.pathname}:{record.lineno}) logged {name}")


def kinds(text: str) -> list[str]:
    """The kinds of secrets that a text holds."""
    found = [name for name, form in FORMS.items() if form.search(text)]
    known = {
        "the tests' password": PASSWORD,
        "SECRET_KEY": settings.SECRET_KEY,
        "the key of tokens": settings.JWT_SIGNING_KEY,
    }
    return found + [name for name, value in known.items() if value and value in text]


@pytest.fixture(scope="session")
def log_watch() -> Iterator[LogWatch]:
    watch = LogWatch()
    logging.getLogger().addHandler(watch)
    yield watch
    logging.getLogger().removeHandler(watch)


@pytest.fixture(autouse=True)
def _no_secret_is_logged(log_watch: LogWatch) -> Iterator[None]:
    yield
    seen, log_watch.seen = log_watch.seen, []
    assert not seen, "\n".join(seen)
