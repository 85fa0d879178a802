"""Somebody sets up a second factor, and does away with it."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from tests.users.second_factor.conftest import CODE, LOGIN, TOTP_ADDRESS, App, challenge_of, enrolled, refusal
from users.models import AuditEntry, RecoveryCode, Role, SecondFactor, User
from users.services import account_create

CONFIRM, DISABLE = f"{TOTP_ADDRESS}confirm/", f"{TOTP_ADDRESS}disable/"


def test_a_code_confirms_it_and_recovery_codes_are_shown_once(editor: User, editor_client: APIClient) -> None:
    assert editor_client.get(TOTP_ADDRESS).json() == {"enabled": False, "required": False, "recovery_codes_left": 0}
    answer = editor_client.post(TOTP_ADDRESS)
    told = answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert told["uri"].startswith("otpauth://totp/Grounded:edda?")
    assert told["secret"] in told["uri"]
    assert told["qr"].startswith("data:image/svg+xml")
    client_of(editor)  # nothing has changed yet
    app = App(told["uri"])
    codes = editor_client.post(CONFIRM, {"code": app.code()}).json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert editor_client.get(TOTP_ADDRESS).json() == {"enabled": True, "required": False, "recovery_codes_left": 10}
    assert challenge_of(editor)
    assert AuditEntry.objects.get(action="second_factor.enrol").actor == editor


def test_secret_and_recovery_codes_are_not_in_the_database(editor_client: APIClient) -> None:
    told = editor_client.post(TOTP_ADDRESS).json()
    codes = editor_client.post(CONFIRM, {"code": App(told["uri"]).code()}).json()["recovery_codes"]
    kept = str([*SecondFactor.objects.values(), *RecoveryCode.objects.values(), *AuditEntry.objects.values()])
    assert told["secret"] not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_the_other_sessions_of_the_account_end(editor: User) -> None:
    here, elsewhere = client_of(editor), client_of(editor)
    enrolled(here)
    assert here.get("/api/auth/me/").status_code == 200
    assert refusal(elsewhere.get("/api/auth/me/")) == (401, "invalid_token")


def test_until_it_is_confirmed_it_may_be_begun_again(editor_client: APIClient) -> None:
    first = App(editor_client.post(TOTP_ADDRESS).json()["uri"])
    second = App(editor_client.post(TOTP_ADDRESS).json()["uri"])
    assert refusal(editor_client.post(CONFIRM, {"code": first.code()})) == (403, "second_factor_invalid")
    assert editor_client.post(CONFIRM, {"code": second.code()}).status_code == 200


def test_a_confirmed_one_is_not_replaced(editor_client: APIClient) -> None:
    app, _ = enrolled(editor_client)
    assert refusal(editor_client.post(TOTP_ADDRESS)) == (409, "second_factor_enabled")
    assert refusal(editor_client.post(CONFIRM, {"code": app.next()})) == (409, "second_factor_enabled")


def test_nothing_is_confirmed_or_disabled_that_was_not_begun(editor_client: APIClient) -> None:
    assert refusal(editor_client.post(CONFIRM, {"code": "123456"})) == (409, "second_factor_missing")
    body = {"password": PASSWORD, "code": "123456"}
    assert refusal(editor_client.post(DISABLE, body)) == (409, "second_factor_missing")
    editor_client.post(TOTP_ADDRESS)
    assert refusal(editor_client.post(DISABLE, body)) == (409, "second_factor_missing")


def test_password_and_code_disable_it(editor: User, editor_client: APIClient) -> None:
    app, _ = enrolled(editor_client)
    for body, answer in (
        ({"code": app.next()}, (400, "invalid")),
        ({"password": "wrong", "code": app.next()}, (400, "invalid")),
        ({"password": PASSWORD, "code": "000000"}, (403, "second_factor_invalid")),
        ({"password": PASSWORD}, (400, "invalid")),
    ):
        assert refusal(editor_client.post(DISABLE, body)) == answer
    assert editor_client.post(DISABLE, {"password": PASSWORD, "code": app.next()}).status_code == 204
    assert not SecondFactor.objects.exists()
    assert client_of(editor)
    assert AuditEntry.objects.get(action="second_factor.disable").actor == editor


def test_who_has_no_password_disables_it_by_a_recovery_code(editor: User, editor_client: APIClient) -> None:
    _, recovery_codes = enrolled(editor_client)
    editor.set_unusable_password()
    editor.save()
    assert editor_client.post(DISABLE, {"code": recovery_codes[0]}).status_code == 204


def test_after_five_wrong_codes_no_more_are_tried(editor_client: APIClient) -> None:
    app = App(editor_client.post(TOTP_ADDRESS).json()["uri"])
    for _ in range(5):
        assert refusal(editor_client.post(CONFIRM, {"code": "000000"})) == (403, "second_factor_invalid")
    assert refusal(editor_client.post(CONFIRM, {"code": app.code()})) == (429, "rate_limited")


@pytest.fixture
def admin() -> User:
    return account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)


def test_an_admin_resets_that_of_somebody_else_on_record(editor: User, app: App, admin: User) -> None:
    site = Client()
    assert site.login(username="root", password=PASSWORD)
    body = {"action": "second_factors_reset", "_selected_action": [editor.pk, admin.pk]}
    answer = site.post("/admin/users/user/", body, follow=True)
    assert "Without a second factor now: edda." in answer.content.decode()
    assert client_of(editor)
    entry = AuditEntry.objects.get(action="second_factor.reset")
    assert (entry.actor, entry.object_id) == (admin, str(editor.pk))


def test_a_reset_ends_what_was_begun_with_it(editor: User, app: App) -> None:
    challenge = challenge_of(editor)
    out = StringIO()
    call_command("reset_second_factor", "edda", stdout=out)
    assert "without a second factor" in out.getvalue()
    answer = APIClient().post(CODE, {"challenge": challenge, "code": app.code()})
    assert refusal(answer) == (401, "challenge_invalid")
    for name in ("edda", "nobody"):
        with pytest.raises(CommandError, match="has a second factor"):
            call_command("reset_second_factor", name)


def test_editors_reset_nobody_s(editor: User, app: App, site: Client) -> None:
    body = {"action": "second_factors_reset", "_selected_action": [editor.pk]}
    assert site.post("/admin/users/user/", body).status_code == 403
    assert SecondFactor.objects.exists()


def test_an_api_key_sets_up_nothing(editor_client: APIClient) -> None:
    key = editor_client.post("/api/auth/keys/", {"name": "k", "scopes": ["chat"]}).json()["key"]
    answer = APIClient().post(TOTP_ADDRESS, HTTP_AUTHORIZATION=f"Bearer {key}")
    assert refusal(answer) == (403, "scope_missing")


def test_with_another_secret_key_recovery_codes_still_work(editor: User, settings: Any) -> None:
    app, recovery_codes = enrolled(client_of(editor))
    settings.SECRET_KEY = "another key of the test suite, which signs nothing either"
    challenge = APIClient().post(LOGIN, {"username": "edda", "password": PASSWORD}).json()["challenge"]
    answer = APIClient().post(CODE, {"challenge": challenge, "code": app.next()})
    assert refusal(answer) == (403, "second_factor_invalid")
    assert APIClient().post(CODE, {"challenge": challenge, "code": recovery_codes[0]}).status_code == 200
