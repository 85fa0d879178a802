"""Reads of second factors."""

from users.models import RecoveryCode, SecondFactor, User


def has_second_factor(user: User) -> bool:
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()


def recovery_codes_left(user: User) -> int | None:
    """None for somebody who has no second factor."""
    return RecoveryCode.objects.filter(factor=user.pk).count() if has_second_factor(user) else None
