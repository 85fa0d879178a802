"""Reads of accounts."""

from users.models import TAKEN, User


def account_by_login(login: str) -> User | None:
    """The account with this user name or e-mail address, in any case."""
    try:
        return User.objects.get_by_natural_key(login)
    except User.DoesNotExist:
        return None


def account_conflicts(user: User) -> dict[str, list[str]]:
    """Field to messages: what of ``user``, saved or not, another account has already."""
    return {
        field: [message]
        for field, message in TAKEN.items()
        if User.objects.without_case(field, getattr(user, field)).exclude(pk=user.pk).exists()
    }
