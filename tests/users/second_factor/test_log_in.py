"""An account with a second factor logs in in two steps."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import signing
from django.db import connection, transaction
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from tests.serving import soon
from tests.users.second_factor.conftest import CODE, LOGIN, App, challenge_of, enrolled, refusal
from users.models import AuditEntry, LoginSession, SecondFactor, User
from users.second_factor.codes import STEP, secret_open
from users.second_factor.errors import SecondFactorInvalid
from users.second_factor.log_in import challenge_answer
from users.services import tokens_revoke_all


def answer_to(challenge: str, code: str) -> Any:
    return APIClient().post(CODE, {"challenge": challenge, "code": code})


def test_password_and_code_open_a_session(editor: User, app: App) -> None:
    answer = APIClient().post(LOGIN, {"username": "edda", "password": PASSWORD})
    assert refusal(answer) == (401, "second_factor_required")
    assert not {"access", "refresh"} & set(answer.json())
    assert answer.json()["expires_in"] == 300
    pair = answer_to(answer.json()["challenge"], app.code())
    assert set(pair.json()) == {"access", "refresh"}
    assert pair["Cache-Control"] == "no-store"
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.json()['access']}")
    assert client.get("/api/auth/me/").json()["username"] == "edda"


def test_with_auth_cookies_the_refresh_token_is_in_its_cookie(editor: User, app: App, settings: Any) -> None:
    settings.AUTH_COOKIES = True
    pair = answer_to(challenge_of(editor), app.code())
    assert set(pair.json()) == {"access"}
    assert pair.cookies["grounded_refresh"]["httponly"]


def test_a_wrong_password_tells_nothing_of_a_second_factor(editor: User, app: App) -> None:
    answer = APIClient().post(LOGIN, {"username": "edda", "password": "wrong"})
    assert refusal(answer) == (401, "invalid_credentials")


def test_a_code_is_good_once(editor: User, app: App) -> None:
    code = app.code()
    assert answer_to(challenge_of(editor), code).status_code == 200
    assert refusal(answer_to(challenge_of(editor), code)) == (403, "second_factor_invalid")
    assert refusal(answer_to(challenge_of(editor), app.code(-1))) == (403, "second_factor_invalid")  # nor earlier ones


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(editor: User, app: App, steps: int, is_good: bool) -> None:
    secret = secret_open(SecondFactor.objects.get().secret)
    assert secret
    at = datetime.fromtimestamp(STEP * 60_000_000 + 15, UTC)
    code = app._totp.generate(STEP * (60_000_000 + steps)).decode()
    if is_good:
        assert challenge_answer(challenge=challenge_of(editor), code=code, at=at) == editor
    else:
        with pytest.raises(SecondFactorInvalid):
            challenge_answer(challenge=challenge_of(editor), code=code, at=at)


@pytest.mark.parametrize("code", ["000000", "12345", "1234567", "abcdef", "٠١٢٣٤٥", "-", "ü", "AAAA-AAAA-AAAA-AAAA"])
def test_a_wrong_code_opens_nothing(editor: User, app: App, code: str) -> None:
    assert refusal(answer_to(challenge_of(editor), code)) == (403, "second_factor_invalid")


def test_a_code_may_be_written_with_a_space(editor: User, app: App) -> None:
    code = app.code()
    assert answer_to(challenge_of(editor), f"{code[:3]} {code[3:]}").status_code == 200


def test_each_recovery_code_opens_one_session_on_record(editor: User) -> None:
    _, recovery_codes = enrolled(client_of(editor))
    assert answer_to(challenge_of(editor), recovery_codes[0].lower().replace("-", " ")).status_code == 200
    assert refusal(answer_to(challenge_of(editor), recovery_codes[0])) == (403, "second_factor_invalid")
    assert answer_to(challenge_of(editor), recovery_codes[1]).status_code == 200
    assert [entry.detail["left"] for entry in AuditEntry.objects.filter(action="second_factor.recovery_code")] == [8, 9]


def test_the_recovery_codes_of_others_are_worth_nothing(editor: User, app: App, user: User) -> None:
    _, others = enrolled(client_of(user))
    assert refusal(answer_to(challenge_of(editor), others[0])) == (403, "second_factor_invalid")


def test_after_five_wrong_codes_the_account_waits(editor: User, app: App, user: User) -> None:
    for _ in range(5):
        assert refusal(answer_to(challenge_of(editor), "000000")) == (403, "second_factor_invalid")
    answer = answer_to(challenge_of(editor), app.code())  # a new log-in does not help
    assert refusal(answer) == (429, "rate_limited")
    assert 290 <= int(answer["Retry-After"]) <= 300
    others, _ = enrolled(client_of(user))
    assert answer_to(challenge_of(user), others.next()).status_code == 200


def test_good_codes_do_not_count_as_tries(editor: User, app: App) -> None:
    for _ in range(6):
        assert answer_to(challenge_of(editor), app.next()).status_code == 200


def test_a_challenge_is_no_token_and_a_token_no_challenge(editor: User, app: App) -> None:
    challenge = challenge_of(editor)
    assert APIClient().get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {challenge}").status_code == 401
    assert refusal(APIClient().post("/api/auth/refresh/", {"refresh": challenge})) == (401, "invalid_token")
    pair = answer_to(challenge, app.code()).json()
    for token in (*pair.values(), signing.dumps({"user": editor.pk, "version": 1}), challenge[:-1] + "x", "x"):
        assert refusal(answer_to(token[:512], app.next())) == (401, "challenge_invalid")


def test_a_challenge_is_good_for_five_minutes(editor: User, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = challenge_of(editor)
    monkeypatch.setattr("users.second_factor.log_in.CHALLENGE_SECONDS", 0)
    assert refusal(answer_to(challenge, app.code())) == (401, "challenge_invalid")


def test_a_challenge_ends_with_the_account_s_state(editor: User, app: App) -> None:
    challenge = challenge_of(editor)
    tokens_revoke_all(user=editor)
    assert refusal(answer_to(challenge, app.code())) == (401, "challenge_invalid")
    challenge = challenge_of(editor)
    User.objects.update(is_active=False)
    assert refusal(answer_to(challenge, app.code())) == (401, "challenge_invalid")


@pytest.mark.parametrize("body", [{}, {"challenge": "x"}, {"code": "1"}, {"challenge": "x", "code": "1" * 33}])
def test_an_incomplete_second_step_is_not_valid(body: dict[str, str], anonymous: APIClient) -> None:
    assert refusal(anonymous.post(CODE, body)) == (400, "invalid")


def _waiting() -> int:
    """How many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["code", "recovery code"])
def test_of_several_at_once_with_one_code_one_gets_in(editor: User, kind: str) -> None:
    app, recovery_codes = enrolled(client_of(editor))
    LoginSession.objects.all().delete()
    code = app.next() if kind == "code" else recovery_codes[0]
    challenge, answers = challenge_of(editor), []

    def attempt() -> None:
        try:
            answers.append(answer_to(challenge, code).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    with transaction.atomic():
        SecondFactor.objects.select_for_update().get()  # until all of them have come to the same point
        for thread in threads:
            thread.start()
        if connection.vendor == "postgresql":
            soon(lambda: _waiting() == 4)
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 403, 403, 403]
    assert LoginSession.objects.count() == 1
