"""Logging in by an address that is not verified yet."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from users.models import User
from users.selectors import account_by_unverified_address


class UnverifiedAddressBackend(BaseBackend):
    """Asked after Django's own, which knows the account that an address belongs to.

    Whether or not the address belongs to an account or awaits verification, an attempt that fails has hashed two
    passwords in the end, so neither the time nor the answer tells.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not settings.REQUIRE_VERIFIED_EMAIL or password is None or "@" not in (username or ""):
            return None
        user = account_by_unverified_address(username or "")
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None
