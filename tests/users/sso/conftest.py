"""A browser that logs in by a provider on this machine."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.loopback.oidc import CLIENT, LoopbackOidc
from users.sso import provider as provider_module

START = "/api/auth/sso/start/"
EXCHANGE = "/api/auth/sso/exchange/"


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackOidc]:
    monkeypatch.setattr(provider_module, "_published", provider_module._Published())  # of another at the same port
    with LoopbackOidc() as server:
        settings.OIDC = {
            **settings.OIDC,
            "ISSUER": server.url,
            "CLIENT_ID": CLIENT[0],
            "CLIENT_SECRET": CLIENT[1],
            "NAME": "Example Ltd",
        }
        yield server


def provider_visit(address: str) -> str:
    """Where the provider sends a browser that comes to this address of its."""
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.netloc)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return str(connection.getresponse().headers["Location"])


class Browser(APIClient):
    """It follows the redirects of a log-in by hand, and keeps its cookies."""

    def away(self, start: str = START) -> str:
        """To the provider and back: the address that the provider sends it to."""
        answer = self.get(start)
        assert answer.status_code == 302, answer.content
        return provider_visit(answer["Location"])

    def back(self, address: str) -> str:
        """What the chat gets: the code."""
        parts = urlsplit(address)
        answer = self.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 302, answer.content
        path, _, code = answer["Location"].rpartition("#/sso/")
        assert path == "/"
        return str(code)

    def exchange(self, code: str) -> Any:
        return self.post(EXCHANGE, {"code": code})

    def log_in(self) -> Any:
        """All of it: the answer with the tokens, or with what went wrong."""
        return self.exchange(self.back(self.away()))


@pytest.fixture
def browser() -> Browser:
    return Browser()


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
