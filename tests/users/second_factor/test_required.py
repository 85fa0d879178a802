"""Where a role needs a second factor, who has none may set one up and do nothing else."""

from typing import Any

import pytest
from django.core.checks import run_checks
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from tests.loopback.oidc import LoopbackOidc
from tests.users.second_factor.conftest import TOTP_ADDRESS, App, challenge_of, enrolled, refusal
from tests.users.sso.conftest import Browser, provider
from users.models import Role, User
from users.services import role_assign

__all__ = ["provider"]


@pytest.fixture
def _required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR_ROLES = ["editor", "admin"]


SHUT = [
    "/api/auth/me/",
    "/api/auth/keys/",
    "/api/auth/sessions/",
    "/api/chat/sessions/",
    "/api/documents/",
    "/v1/models",
]


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("address", SHUT)
def test_without_one_an_editor_is_refused(editor_client: APIClient, address: str) -> None:
    answer = editor_client.get(address)
    assert answer.status_code == 403
    assert "second_factor_enrolment_required" in answer.content.decode()


@pytest.mark.usefixtures("_required")
def test_once_it_is_set_up_everything_is_open_and_stays_so(editor: User, editor_client: APIClient) -> None:
    assert refusal(editor_client.post("/api/auth/keys/", {})) == (403, "second_factor_enrolment_required")
    assert editor_client.get(TOTP_ADDRESS).json()["required"]
    app, _ = enrolled(editor_client)
    assert editor_client.get("/api/auth/me/").status_code == 200
    answer = APIClient().post("/api/auth/login/totp/", {"challenge": challenge_of(editor), "code": app.next()})
    refreshed = APIClient().post("/api/auth/refresh/", {"refresh": answer.json()["refresh"]}).json()
    for access in (answer.json()["access"], refreshed["access"]):
        assert APIClient().get("/api/auth/keys/", HTTP_AUTHORIZATION=f"Bearer {access}").status_code == 200
    disable = {"password": PASSWORD, "code": app.next()}
    assert editor_client.post(f"{TOTP_ADDRESS}disable/", disable).status_code == 204
    assert refusal(editor_client.get("/api/auth/me/")) == (403, "second_factor_enrolment_required")


@pytest.mark.usefixtures("_required")
def test_a_refreshed_token_opens_no_more_than_the_one_before(editor: User) -> None:
    pair = APIClient().post("/api/auth/login/", {"username": "edda", "password": PASSWORD}).json()
    access = APIClient().post("/api/auth/refresh/", {"refresh": pair["refresh"]}).json()["access"]
    answer = APIClient().get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {access}")
    assert refusal(answer) == (403, "second_factor_enrolment_required")


@pytest.mark.usefixtures("_required")
def test_one_may_log_out(editor: User) -> None:
    pair = APIClient().post("/api/auth/login/", {"username": "edda", "password": PASSWORD}).json()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert client.post("/api/auth/logout/", {"refresh": pair["refresh"]}).status_code == 204


@pytest.mark.usefixtures("_required")
def test_users_need_none(user: User) -> None:
    assert client_of(user).get("/api/auth/me/").status_code == 200


def test_it_holds_for_sessions_from_before(editor_client: APIClient, settings: Any) -> None:
    assert editor_client.get("/api/auth/me/").status_code == 200
    settings.REQUIRE_SECOND_FACTOR_ROLES = ["editor"]
    assert refusal(editor_client.get("/api/auth/me/")) == (403, "second_factor_enrolment_required")


def test_a_role_that_is_none_is_found_by_check(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR_ROLES = ["editor", "boss"]
    assert "users.E020" in [found.id for found in run_checks()]


@pytest.fixture
def sso_editor(provider: LoopbackOidc) -> User:
    assert Browser().log_in().status_code == 200
    return role_assign(user=User.objects.get(), role=Role.EDITOR)


def test_who_comes_from_the_provider_is_asked_too(sso_editor: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {Browser().log_in().json()['access']}")
    app, _ = enrolled(client)
    answer = Browser().log_in()
    assert refusal(answer) == (401, "second_factor_required")
    body = {"challenge": answer.json()["challenge"], "code": app.next()}
    assert APIClient().post("/api/auth/login/totp/", body).status_code == 200


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("trusted", [False, True])
def test_unless_the_operator_trusts_the_provider_with_it(sso_editor: User, settings: Any, trusted: bool) -> None:
    settings.OIDC = {**settings.OIDC, "TRUST_SECOND_FACTOR": trusted}
    access = Browser().log_in().json()["access"]
    answer = APIClient().get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {access}")
    assert answer.status_code == (200 if trusted else 403)


def test_a_trusted_provider_s_people_are_not_asked_for_theirs(sso_editor: User, settings: Any) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {Browser().log_in().json()['access']}")
    app, _ = enrolled(client)
    assert isinstance(app, App)
    settings.OIDC = {**settings.OIDC, "TRUST_SECOND_FACTOR": True}
    assert Browser().log_in().status_code == 200
