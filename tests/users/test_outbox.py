"""Mails are rows until a worker has sent them: none is lost, and none is tried for ever."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from tests.loopback.smtp import LoopbackSmtp
from tests.mails import SITE, delivered, token_in
from users.models import MailedToken, OutgoingMail, User
from users.outbox import PAUSES, mail_deliver_next
from users.passwords import password_reset_ask

VERIFY = "/api/auth/verify-email/"


class Killed(BaseEmailBackend):
    """The worker is killed while it talks to the mail server."""

    def send_messages(self, email_messages: Any) -> int:
        raise SystemExit


@pytest.fixture
def server(settings: Any) -> Iterator[LoopbackSmtp]:
    with LoopbackSmtp() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def registered(anonymous: APIClient) -> User:
    anonymous.post("/api/auth/register/", {"username": "ada", "email": "ada@example.org", "password": PASSWORD})
    return User.objects.get()


def later() -> None:
    """The pause after an attempt has passed."""
    OutgoingMail.objects.filter(sent_at=None).update(due_at=timezone.now())


def test_a_request_sends_nothing_itself_and_keeps_no_token(registered: User) -> None:
    assert mail.outbox == []
    assert OutgoingMail.objects.get().user == registered
    assert not MailedToken.objects.exists()


def test_a_registration_that_is_refused_queues_nothing(registered: User, anonymous: APIClient) -> None:
    body = {"username": "ada", "email": "other@example.org", "password": PASSWORD}
    assert anonymous.post("/api/auth/register/", body).status_code == 400
    assert OutgoingMail.objects.count() == 1


@pytest.mark.usefixtures("registered")
def test_a_worker_sends_it_by_smtp(server: LoopbackSmtp, anonymous: APIClient) -> None:
    call_command("run_worker", once=True, site=SITE)
    [message] = server.messages
    assert (message["To"], message["From"]) == ("ada@example.org", "Grounded <noreply@localhost>")
    assert message["Subject"] == "Grounded: Confirm your e-mail address"
    kinds = {part.get_content_type(): part for part in message.walk()}
    assert list(kinds) == ["multipart/alternative", "text/plain", "text/html"]
    token = token_in(kinds["text/plain"].get_payload(decode=True).decode())  # type: ignore[union-attr]
    assert anonymous.post(VERIFY, {"token": token}).status_code == 200


@pytest.mark.usefixtures("registered")
def test_it_is_written_to_a_file_where_there_is_no_server(settings: Any, tmp_path: Path, anonymous: APIClient) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    assert mail_deliver_next(site=SITE)
    [file] = tmp_path.iterdir()
    token = token_in(file.read_text().partition("text/html")[0])
    assert anonymous.post(VERIFY, {"token": token}).status_code == 200


def test_a_server_that_is_away_is_tried_again_with_longer_pauses_and_then_given_up(
    registered: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    pauses = []
    for _ in PAUSES:
        assert mail_deliver_next(site=SITE)
        assert not mail_deliver_next(site=SITE)
        assert not MailedToken.objects.exists()  # what was not mailed opens nothing
        pauses.append(round((OutgoingMail.objects.get().due_at - timezone.now()) / timedelta(minutes=1)))
        later()
    assert pauses == list(PAUSES)
    assert timedelta(hours=8) < timedelta(minutes=sum(PAUSES)) < timedelta(hours=9)
    assert "Mail not sent at attempt 1: verify, ConnectionRefusedError" in caplog.text
    mail_deliver_next(site=SITE)
    assert not OutgoingMail.objects.exists()
    assert "Mail given up after 9 attempts: verify" in caplog.text
    assert registered.address not in caplog.text


@pytest.mark.usefixtures("registered")
def test_what_a_server_says_is_not_logged(server: LoopbackSmtp, caplog: pytest.LogCaptureFixture) -> None:
    server.refuses = True
    mail_deliver_next(site=SITE)
    assert "SMTPRecipientsRefused" in caplog.text
    assert "ada" not in caplog.text
    server.refuses = False
    later()
    mail_deliver_next(site=SITE)
    assert len(server.messages) == 1


@pytest.mark.usefixtures("registered")
def test_a_worker_that_is_killed_loses_no_mail(settings: Any, anonymous: APIClient) -> None:
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Killed"
    with pytest.raises(SystemExit):
        mail_deliver_next(site=SITE)
    settings.EMAIL_BACKEND = backend
    assert delivered() == []
    later()
    [message] = delivered()
    assert anonymous.post(VERIFY, {"token": token_in(message)}).status_code == 200
    assert MailedToken.objects.count() == 0


@pytest.mark.usefixtures("registered")
def test_the_link_of_the_mail_before_is_good_until_the_next_one_is_sent(settings: Any, anonymous: APIClient) -> None:
    token = token_in(delivered()[0])
    anonymous.post("/api/auth/verify-email/resend/", {"email": "ada@example.org"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mail_deliver_next(site=SITE)
    assert anonymous.post(VERIFY, {"token": token}).status_code == 200


def test_five_mails_of_a_kind_go_to_an_address_in_an_hour(registered: User) -> None:
    for _ in range(7):
        password_reset_ask(email="Ada@example.org")
    assert len(delivered()) == 1 + 5
    OutgoingMail.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    password_reset_ask(email="ada@example.org")
    assert len(delivered()) == 1
    assert OutgoingMail.objects.count() == 1  # those of more than an hour ago are erased


def test_an_address_without_an_account_is_kept_no_longer_than_it_takes_to_look() -> None:
    password_reset_ask(email="nobody@example.org")
    assert delivered() == []
    assert not OutgoingMail.objects.exists()


def test_the_mails_of_an_account_go_with_it(registered: User) -> None:
    delivered()
    registered.delete()
    assert not OutgoingMail.objects.exists()
    assert not MailedToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_sends_it(registered: User, caplog: pytest.LogCaptureFixture) -> None:
    def work(_: int) -> bool:
        try:
            return mail_deliver_next(site=SITE)
        finally:
            connection.close()

    with caplog.at_level(logging.ERROR), ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(work, range(4))) == [False, False, False, True]
    assert len(mail.outbox) == 1
