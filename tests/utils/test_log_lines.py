"""A line of the log is an object of JSON, and holds no secret."""

import json
import logging
from typing import Any

from django.conf import settings

from utils.log_lines import JsonFormatter, lines_bound
from utils.masking import MASK


def line(message: str, *args: object, **record: Any) -> dict[str, Any]:
    made = logging.getLogger("rag.test").makeRecord("rag.test", logging.WARNING, "x.py", 1, message, args, **record)
    told: dict[str, Any] = json.loads(JsonFormatter().format(made))
    return told


def test_a_line_says_when_what_and_where() -> None:
    told = line("It took %d tries.", 3, exc_info=None)
    assert (told["level"], told["logger"], told["message"]) == ("WARNING", "rag.test", "It took 3 tries.")
    assert told["time"].endswith("Z")
    assert len(told["time"]) == len("2026-01-01T00:00:00.000Z")


def test_an_exception_is_one_field_and_its_secrets_are_masked() -> None:
    try:
        raise ValueError(f'token="{settings.SECRET_KEY}"')
    except ValueError as error:
        told = line('It failed: token=abcdefgh"\n', exc_info=(type(error), error, error.__traceback__))
    assert "ValueError" in told["exception"]
    assert settings.SECRET_KEY not in told["exception"]
    assert MASK in told["exception"]
    assert told["message"] == f'It failed: token={MASK}"\n'


def test_a_piece_of_work_is_named_in_its_lines() -> None:
    with lines_bound(job="backup"), lines_bound(run=7):
        assert line("So far.", exc_info=None).items() >= {"job": "backup", "run": "7"}.items()
    assert "job" not in line("Done.", exc_info=None)
