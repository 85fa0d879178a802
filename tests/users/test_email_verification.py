"""An address is verified by the link that is mailed to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, client_of
from tests.mails import delivered, token_in, told
from users.models import AuditEntry, MailedToken, User

REGISTER, LOGIN = "/api/auth/register/", "/api/auth/login/"
VERIFY, RESEND = "/api/auth/verify-email/", "/api/auth/verify-email/resend/"
GRACE = {"username": "grace", "email": "grace@example.org", "password": PASSWORD}
OTHER = "eleven grey owls at noon"
CONFIRM, TAKEN = "Confirm your e-mail address", "You already have an account"


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = True


def verified(client: APIClient, **who: str) -> User:
    """An account that has registered and followed its link."""
    client.post(REGISTER, GRACE | who)
    assert client.post(VERIFY, {"token": token_in(delivered()[-1])}).status_code == 200
    return User.objects.latest("pk")


@pytest.mark.parametrize("mode", [True, False])
def test_who_registers_gets_a_mail_whose_link_verifies_the_address(
    anonymous: APIClient, settings: Any, mode: bool
) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = mode
    assert anonymous.post(REGISTER, GRACE).json()["is_verified"] is False
    [message] = delivered()
    assert told([message]) == [("grace@example.org", CONFIRM)]
    answer = anonymous.post(VERIFY, {"token": token_in(message)})
    assert answer.status_code == 200
    assert (answer.json()["email"], answer.json()["is_verified"]) == ("grace@example.org", True)
    user = User.objects.get()
    assert (user.email, user.new_email, user.is_verified) == ("grace@example.org", "", True)
    entry = AuditEntry.objects.get(action="account.verify")
    assert (entry.actor, entry.action, entry.object_id) == (user, "account.verify", str(user.pk))
    assert anonymous.post(LOGIN, {"email": "Grace@example.org", "password": PASSWORD}).status_code == 200


def test_the_mail_has_the_link_as_text_and_as_html(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE)
    [message] = delivered()
    html, kind = message.alternatives[0]  # type: ignore[attr-defined]
    link = f"http://testserver/#/verify/{token_in(message)}"
    assert link in message.body
    assert kind == "text/html"
    assert f'href="{link}"' in html
    assert "grace" in message.body
    assert "grace" in html
    assert message.from_email == "Grounded <noreply@localhost>"
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}


def test_where_it_is_optional_one_can_log_in_before(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE)
    assert anonymous.post(LOGIN, {"email": GRACE["email"], "password": PASSWORD}).status_code == 200


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("login", [{"username": "grace"}, {"email": "GRACE@example.org"}])
def test_where_it_is_required_the_right_password_is_told_what_is_missing_and_a_wrong_one_is_not(
    anonymous: APIClient, login: dict[str, str]
) -> None:
    anonymous.post(REGISTER, GRACE)
    answer = anonymous.post(LOGIN, login | {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")
    wrong = anonymous.post(LOGIN, login | {"password": "a wrong password"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    anonymous.post(VERIFY, {"token": token_in(delivered()[0])})
    assert anonymous.post(LOGIN, login | {"password": PASSWORD}).status_code == 200


@pytest.mark.usefixtures("required")
def test_accounts_that_were_made_for_somebody_need_no_mail(editor: User) -> None:
    assert client_of(editor).get("/api/auth/me/").json()["is_verified"]
    assert delivered() == []


def test_a_link_is_good_once(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE)
    sent = {"token": token_in(delivered()[0])}
    assert anonymous.post(VERIFY, sent).status_code == 200
    answer = anonymous.post(VERIFY, sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")


def test_a_link_is_good_for_three_days(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE)
    sent = {"token": token_in(delivered()[0])}
    row = MailedToken.objects.get()
    assert timedelta(days=3) - timedelta(minutes=1) < row.expires_at - timezone.now() <= timedelta(days=3)
    MailedToken.objects.update(expires_at=timezone.now())
    assert anonymous.post(VERIFY, sent).json()["code"] == "invalid_link"
    assert not User.objects.get().is_verified


def test_only_its_hash_is_kept(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE)
    token = token_in(delivered()[0])
    row = MailedToken.objects.get()
    assert token not in str(vars(row))
    assert anonymous.post(VERIFY, {"token": row.digest}).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "x" * 129, None, 7, "q" * 43])
def test_a_token_that_is_none_is_refused(anonymous: APIClient, token: Any) -> None:
    assert anonymous.post(VERIFY, {"token": token}).status_code == 400


def test_a_token_is_for_its_purpose_only(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE)
    sent = {"token": token_in(delivered()[0]), "new_password": "eleven grey owls at noon"}
    assert anonymous.post("/api/auth/password/reset/confirm/", sent).json()["code"] == "invalid_link"


def test_an_inactive_account_verifies_nothing_and_gets_no_mails(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE)
    sent = {"token": token_in(delivered()[0])}
    User.objects.update(is_active=False)
    assert anonymous.post(VERIFY, sent).json()["code"] == "invalid_link"
    anonymous.post(RESEND, {"email": GRACE["email"]})
    assert delivered() == []


@pytest.mark.parametrize("mode", [True, False])
def test_a_mail_that_is_sent_again_ends_the_link_of_the_older_one(
    anonymous: APIClient, settings: Any, mode: bool
) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = mode
    anonymous.post(REGISTER, GRACE)
    first = token_in(delivered()[0])
    answer = anonymous.post(RESEND, {"email": "Grace@Example.org"})
    assert (answer.status_code, answer.content) == (202, b"")
    assert anonymous.post(RESEND, {"email": "nobody@example.org"}).content == answer.content
    [message] = delivered()
    assert message.to == ["grace@example.org"]  # as it is written in the account
    assert anonymous.post(VERIFY, {"token": first}).status_code == 400
    assert anonymous.post(VERIFY, {"token": token_in(message)}).status_code == 200
    anonymous.post(RESEND, {"email": GRACE["email"]})
    assert delivered() == []


@pytest.mark.usefixtures("required")
def test_an_address_that_is_taken_is_told_by_a_mail_and_by_nothing_else(anonymous: APIClient) -> None:
    owner = verified(anonymous)
    answers = []
    for name, address in (("eve", "GRACE@example.org"), ("mallory", "new@example.org")):
        who = {"username": name, "email": address, "password": OTHER}
        made = anonymous.post(REGISTER, who)
        told_by_name = anonymous.post(LOGIN, {"username": name, "password": OTHER})
        told_by_address = anonymous.post(LOGIN, {"email": address, "password": OTHER})
        wrong = anonymous.post(LOGIN, {"email": address, "password": "a wrong password"})
        again = anonymous.post(REGISTER, who | {"email": "third@example.org"})
        parts = (made, told_by_name, told_by_address, wrong, again)
        answers.append([(part.status_code, part.json().get("code"), sorted(part.json())) for part in parts])
        assert made.json()["email"] == address
        assert made.json()["id"] == User.objects.get(username=name).pk
    assert answers[0] == answers[1]
    assert [status for status, *_ in answers[0]] == [201, 403, 403, 401, 400]
    assert told(delivered()) == [("GRACE@example.org", TAKEN), ("new@example.org", CONFIRM)]
    owner.refresh_from_db()
    assert (owner.email, owner.is_verified) == ("grace@example.org", True)


@pytest.mark.usefixtures("required")
def test_an_address_that_nobody_has_verified_belongs_to_nobody(anonymous: APIClient) -> None:
    anonymous.post(REGISTER, GRACE | {"username": "squatter", "password": "another long password"})
    [theirs] = delivered()
    anonymous.post(REGISTER, GRACE)
    [mine] = delivered()
    assert told([mine]) == [("grace@example.org", CONFIRM)]
    assert anonymous.post(VERIFY, {"token": token_in(mine)}).json()["username"] == "grace"
    assert anonymous.post(VERIFY, {"token": token_in(theirs)}).json()["code"] == "invalid_link"
    assert User.objects.get(email="grace@example.org").username == "grace"


def test_who_verifies_an_address_has_it_before_who_only_said_so(
    anonymous: APIClient, user: User, settings: Any
) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = True  # switched on when there were accounts already
    owner = verified(anonymous, email="Ada@example.org")
    user.refresh_from_db()
    assert (owner.email, user.email, user.new_email) == ("Ada@example.org", "", "Ada@example.org")
    assert anonymous.post(LOGIN, {"email": "ada@example.org", "password": PASSWORD}).status_code == 200


@pytest.mark.usefixtures("required")
def test_a_new_address_is_used_when_it_is_verified_and_the_old_one_is_told(anonymous: APIClient) -> None:
    client = client_of(verified(anonymous))
    answer = client.patch("/api/auth/me/", {"email": "new@Example.org"}).json()
    assert (answer["email"], answer["new_email"], answer["is_verified"]) == (
        "grace@example.org",
        "new@example.org",
        True,
    )
    [message] = delivered()
    assert told([message]) == [("new@example.org", CONFIRM)]
    anonymous.post(VERIFY, {"token": token_in(message)})
    profile = client.get("/api/auth/me/").json()
    assert (profile["email"], profile.get("new_email")) == ("new@example.org", None)
    assert told(delivered()) == [("grace@example.org", "Your e-mail address was changed")]


@pytest.mark.usefixtures("required")
def test_of_two_changes_the_later_one_counts(anonymous: APIClient) -> None:
    client = client_of(verified(anonymous))
    client.patch("/api/auth/me/", {"email": "first@example.org"})
    [first] = delivered()
    client.patch("/api/auth/me/", {"email": "second@example.org"})
    assert anonymous.post(VERIFY, {"token": token_in(first)}).status_code == 400
    client.patch("/api/auth/me/", {"email": "grace@example.org"})  # after all not
    assert delivered() == []
    assert "new_email" not in client.get("/api/auth/me/").json()


@pytest.mark.usefixtures("required")
def test_to_take_somebody_elses_address_looks_like_taking_a_new_one(anonymous: APIClient, editor: User) -> None:
    client = client_of(verified(anonymous))
    answer = client.patch("/api/auth/me/", {"email": editor.email})
    assert (answer.status_code, answer.json()["new_email"]) == (200, editor.email)
    assert told(delivered()) == [(editor.email, TAKEN)]


def test_where_it_is_optional_a_new_address_is_mailed_its_link(client: APIClient, anonymous: APIClient) -> None:
    client.patch("/api/auth/me/", {"email": "new@example.org"})
    assert anonymous.post(VERIFY, {"token": token_in(delivered()[0])}).json()["email"] == "new@example.org"
