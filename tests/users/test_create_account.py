"""`manage.py create_account` makes accounts with a role."""

import getpass
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config.env import read
from tests.conftest import PASSWORD, client_of
from users.models import User


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """The environment is read once a process; here anew for each test."""
    read.cache_clear()
    yield
    read.cache_clear()


@pytest.fixture
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", PASSWORD)


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    typed = iter(lines)
    monkeypatch.delenv("ACCOUNT_PASSWORD", raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))


@pytest.mark.usefixtures("_password")
def test_the_account_has_the_role_and_can_log_in() -> None:
    output = StringIO()
    call_command("create_account", "Root", "root@Example.org", "--role", "admin", stdout=output)
    assert "Root" in output.getvalue()
    assert PASSWORD not in output.getvalue()
    profile = client_of(User.objects.get()).get("/api/auth/me/").json()
    assert (profile["username"], profile["email"], profile["role"]) == ("Root", "root@example.org", "admin")


@pytest.mark.usefixtures("_password")
def test_without_a_role_it_is_a_plain_user() -> None:
    call_command("create_account", "ada", "ada@example.org", stdout=StringIO())
    assert User.objects.get().role == "user"


@pytest.mark.usefixtures("_password")
@pytest.mark.parametrize(("name", "address"), [("ADA", "new@example.org"), ("new", "Ada@example.org")])
def test_an_account_that_exists_is_left_alone(user: User, name: str, address: str) -> None:
    with pytest.raises(CommandError, match=r"No account was made\. An account with this .* already exists\."):
        call_command("create_account", name, address, "--role", "admin")
    assert User.objects.get().role == "user"


@pytest.mark.parametrize("password", ["1234567", "password"])
def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", password)
    with pytest.raises(CommandError, match=r"No account was made\. This password is too"):
        call_command("create_account", "ada", "ada@example.org")


@pytest.mark.usefixtures("_password")
def test_a_role_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'king'"):
        call_command("create_account", "ada", "ada@example.org", "--role", "king")


def test_a_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, PASSWORD, PASSWORD)
    call_command("create_account", "ada", "ada@example.org", stdout=StringIO())
    assert User.objects.get().check_password(PASSWORD)


def test_a_slip_in_typing_makes_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, PASSWORD, f"{PASSWORD}s")
    with pytest.raises(CommandError, match="The two passwords differ"):
        call_command("create_account", "ada", "ada@example.org")
    assert not User.objects.exists()
