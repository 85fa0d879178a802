"""What a log-in needs beside the proof of who it is, by a password or an identity provider."""

from django.conf import settings

from users.errors import EmailNotVerified
from users.models import User
from users.second_factor.log_in import second_factor_demand


def admission_demand(user: User, *, second_factor: bool = True) -> None:
    """Raises EmailNotVerified where addresses must be verified, and SecondFactorRequired unless that is for others.

    Only to whoever has proved who they are: both tell of the account.
    """
    if settings.REQUIRE_VERIFIED_EMAIL and not user.is_verified:
        raise EmailNotVerified("First follow the link in the mail that was sent to you when you registered.")
    if second_factor:
        second_factor_demand(user)
