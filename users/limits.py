"""How often somebody may try to log in and the like: from one address of the network, and for one account.

An account is counted whether it exists or not, so a limit does not tell which. User name and e-mail address of one
account count as one: it is looked up before, by the one query that a name without account costs as well. Redis is given
keyed hashes (``utils.remembering.key_of``).
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from users.models import User
from users.selectors import account_by_login
from utils.client_address import client_address
from utils.limits import AddressLimit, limit_take

_LONGEST = 254
"""Characters of a user name or e-mail address."""


def login_take(*, request: HttpRequest, login: str) -> None:
    """Count a try to log in, before the password is looked at. Raises LimitReached, Unavailable."""
    limit_take("login", closed=True, address=client_address(request), account=account_counted(login))


def account_counted(login: str) -> str:
    """What a user name or e-mail address is counted as, that of an account or not."""
    login = login.replace("\0", "").strip()[:_LONGEST]
    account = account_by_login(login)
    return _counted(account) if account else f"name {unicodedata.normalize('NFKC', login).casefold()}"


def _counted(account: User) -> str:
    return f"account {account.pk}"


class NamedAccountLimit(AddressLimit):
    """Counts for the account that the body names, too."""

    def whose(self, request: Request) -> dict[str, object]:
        return {**super().whose(request), "account": account_counted(_named(request.data))}


def _named(body: Any) -> str:
    """As LoginSerializer has it. A body of another form counts for the account without a name, and is refused later."""
    fields = body if isinstance(body, Mapping) else {}
    return next((str(fields[key]) for key in ("username", "email") if fields.get(key)), "")


class LoginLimit(NamedAccountLimit):
    name = "login"


class OwnPasswordLimit(AddressLimit):
    """For what asks somebody who is logged in for their password: the same windows as those of the log-in."""

    name = "login"
    methods = ("POST", "DELETE")

    def whose(self, request: Request) -> dict[str, object]:
        own = {"account": _counted(request.user)} if isinstance(request.user, User) else {}
        return {**super().whose(request), **own}


class SignOnLimit(AddressLimit):
    """The steps of a log-in that are not those of the password; codes are counted for the account, too."""

    name = "sign_on"
    methods = ("GET", "POST")


class RegisterLimit(AddressLimit):
    name = "register"


class RefreshLimit(AddressLimit):
    """Open while Redis is away: who is logged in stays so, and a token is not to be guessed."""

    name = "refresh"
    closed = False


class PasswordResetLimit(NamedAccountLimit):
    name = "password_reset"


class VerificationResendLimit(NamedAccountLimit):
    name = "verification_resend"


class MailedTokenLimit(AddressLimit):
    """For what takes a token from a mail."""

    name = "mailed_token"
