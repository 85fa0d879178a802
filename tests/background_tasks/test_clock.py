"""APScheduler wakes the scheduler from Redis; without Redis the scheduler only looks by itself."""

import logging

import pytest
from django.core.cache import caches
from pytest_django import Settings

from background_tasks.clock import WAKE, Clock
from background_tasks.schedules import trigger_of
from tests.serving import soon

SECOND = trigger_of("* * * * * *")


def test_it_wakes_at_each_slot_and_sets_itself_anew_where_redis_has_lost_everything() -> None:
    client = caches["default"]._cache.get_client(None)  # type: ignore[attr-defined]
    clock = Clock({"tick": SECOND, "other": trigger_of("0 0 1 1 *")})
    try:
        soon(lambda: client.hlen("grounded.scheduler.jobs") == 2)
        client.delete("grounded.scheduler.jobs", "grounded.scheduler.run_times")
        WAKE.clear()
        soon(lambda: client.hlen("grounded.scheduler.jobs") == 2)
        soon(WAKE.is_set)
    finally:
        clock.stop()


def test_while_redis_is_away_it_says_so_once(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    options = {"socket_connect_timeout": 0.1}
    away = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": options,
    }
    settings.CACHES = {**settings.CACHES, "default": away}
    with caplog.at_level(logging.WARNING):
        clock = Clock({"tick": SECOND})
        soon(lambda: "Redis is away" in caplog.text)
        clock.stop()
    assert len(caplog.records) == 1
