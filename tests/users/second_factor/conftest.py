"""An account with a second factor, and its authenticator app."""

import base64
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from users.models import SecondFactor, User

LOGIN, CODE = "/api/auth/login/", "/api/auth/login/totp/"
TOTP_ADDRESS = "/api/auth/totp/"


class App:
    """An authenticator app. Each code that it is asked for is of another time step, as if half a minute had passed."""

    def __init__(self, uri: str) -> None:
        asked = parse_qs(urlsplit(uri).query)
        assert (asked["algorithm"], asked["digits"], asked["period"]) == (["SHA1"], ["6"], ["30"])
        self._totp = TOTP(base64.b32decode(asked["secret"][0]), 6, SHA1(), 30)  # noqa: S303

    def code(self, steps: int = 0) -> str:
        return self._totp.generate(int(time.time()) + 30 * steps).decode()

    def next(self) -> str:
        """A code that was not accepted yet; what was, is forgotten."""
        SecondFactor.objects.update(last_step=0)
        return self.code()


def enrolled(client: APIClient) -> tuple[App, list[str]]:
    """The app and the recovery codes."""
    app = App(client.post(TOTP_ADDRESS).json()["uri"])
    answer = client.post(f"{TOTP_ADDRESS}confirm/", {"code": app.code()})
    assert answer.status_code == 200, answer.content
    return app, answer.json()["recovery_codes"]


def challenge_of(user: User) -> str:
    answer = APIClient().post(LOGIN, {"username": user.username, "password": PASSWORD})
    assert refusal(answer) == (401, "second_factor_required")
    return str(answer.json()["challenge"])


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def app(editor: User) -> App:
    """That of the editor, who has just set it up."""
    app, app_codes = enrolled(client_of(editor))
    assert len(app_codes) == 10
    SecondFactor.objects.update(last_step=0)
    return app
