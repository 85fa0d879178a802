"""While Redis is away questions are answered and nobody logs in, and both is known at once."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.core.cache import caches
from pytest_django import Settings
from redis.exceptions import TimeoutError as RedisTimeout
from rest_framework.test import APIClient

from config.settings.base import redis
from tests.conftest import PASSWORD, client_of
from tests.utils.redis_servers import RedisServer, free_port, full_port, silent_port
from users.models import User
from utils import reaching
from utils.rate_limit import hit, look
from utils.reaching import StillAway, reached
from utils.remembering import recall, remember

AT_MOST = 0.05
LOGIN = "/api/auth/login/"
PASSWORDS = {"username": "ada", "password": PASSWORD}


@contextmanager
def closed_port() -> Iterator[int]:
    yield free_port()


@pytest.fixture
def served_by(settings: Settings) -> Callable[[int], None]:
    """Has the caches at this port, with the time limits of the product."""

    def caches_at(port: int) -> None:
        found: dict[str, Any] = {}
        for name, seconds in (("default", 0.5), ("limits", 0.02), ("limits_patient", 0.25)):
            cache = redis(seconds)
            timeouts = {"socket_timeout": seconds, "socket_connect_timeout": seconds / 2, "protocol": 2}
            options = {"pool_class": cache["OPTIONS"]["pool_class"], **timeouts}
            found[name] = {**cache, "LOCATION": f"redis://127.0.0.1:{port}/0", "OPTIONS": options}
        settings.CACHES = found

    return caches_at


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again at once."""
    monkeypatch.setattr(reaching, "PAUSE", 0.0)


def took(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@pytest.mark.usefixtures("pause")
@pytest.mark.parametrize("port", [closed_port, silent_port, full_port])
def test_it_is_known_within_50_ms(served_by: Callable[[int], None], port: Callable[[], Any]) -> None:
    whereabouts: AbstractContextManager[int] = port()
    with whereabouts as number:
        served_by(number)
        # Each of them asks. The best of them: a machine that is busy with other tests may be late.
        assert min(took(lambda: hit("test", 7, limit=1, seconds=60)) for _ in range(5)) < AT_MOST


@pytest.mark.usefixtures("pause")
def test_a_server_that_has_answered_may_be_late_once(served_by: Callable[[int], None]) -> None:
    def times() -> list[float]:
        return [took(lambda: hit("test", 7, limit=9, seconds=60)) for _ in range(6)]

    with RedisServer() as server:
        served_by(server.port)
        assert hit("test", 7, limit=9, seconds=60).used == 1
        server.freeze()
        first, *others = times()
        assert 0.2 < first < 0.5
        assert min(others) < AT_MOST
        server.thaw()
        assert hit("test", 7, limit=99, seconds=60).used > 0
        caches.close_all()


def test_after_three_failures_nobody_asks_for_a_moment(served_by: Callable[[int], None]) -> None:
    with silent_port() as port:
        served_by(port)
        for _ in range(3):
            with pytest.raises(RedisTimeout), reached("limits") as cache:
                cache.get("a")
        with pytest.raises(StillAway), reached("limits"):
            pass
        assert took(lambda: hit("test", 7, limit=1, seconds=60)) < AT_MOST


def test_questions_are_not_limited_then(served_by: Callable[[int], None]) -> None:
    served_by(free_port())
    assert all(hit("test", 7, limit=1, seconds=60).allowed for _ in range(3))
    assert look("test", 7, limit=1, seconds=60).left == 1
    remember({"a": 1}, seconds=60)
    assert recall(["a"]) == {}


def test_nobody_logs_in_then(served_by: Callable[[int], None], anonymous: APIClient, user: User) -> None:
    served_by(free_port())
    for _ in range(2):
        refused = anonymous.post(LOGIN, PASSWORDS)
        assert (refused.status_code, refused.json()["code"]) == (503, "limits_unavailable")
        assert refused["Retry-After"] == "1"


def test_nobody_logs_in_to_the_admin_site_then(
    served_by: Callable[[int], None], anonymous: APIClient, editor: User
) -> None:
    served_by(free_port())
    refused = anonymous.post("/admin/login/", {"username": "edda", "password": PASSWORD}, format="multipart")
    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    assert b"It cannot be counted now" in refused.content


def test_who_is_logged_in_stays_so(served_by: Callable[[int], None], anonymous: APIClient, user: User) -> None:
    pair = anonymous.post(LOGIN, PASSWORDS).json()
    served_by(free_port())
    assert anonymous.post("/api/auth/refresh/", {"refresh": pair["refresh"]}).status_code == 200


def test_questions_are_answered_then(served_by: Callable[[int], None], user: User) -> None:
    client = client_of(user)
    served_by(free_port())
    assert client.post("/api/chat/messages/", {"content": "Who are you?"}).status_code == 201


@pytest.mark.usefixtures("pause")
def test_it_is_logged_once_a_minute_and_without_the_address(
    served_by: Callable[[int], None], caplog: pytest.LogCaptureFixture, anonymous: APIClient
) -> None:
    served_by(free_port())
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert anonymous.post(LOGIN, PASSWORDS).status_code == 503
            hit("test", 7, limit=1, seconds=60)
            recall(["a"])
            remember({"a": 1}, seconds=60)
    assert sorted(caplog.messages) == [
        "Redis does not serve the cache “default”: ConnectionError",
        "Redis does not serve the cache “limits”: ConnectionError",
    ]


@pytest.mark.usefixtures("pause")
def test_a_server_that_comes_back_is_used_again(served_by: Callable[[int], None]) -> None:
    def counted() -> list[int]:
        return [hit("test", 7, limit=2, seconds=60).used for _ in range(2)]

    with RedisServer() as server:
        served_by(server.port)
        assert counted() == [1, 2]
        server.stop()
        assert counted() == [0, 0]
        server.start()
        assert counted() == [1, 2]
        caches.close_all()
