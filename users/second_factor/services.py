"""Setting a second factor up, using it, and doing away with it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from users.audit import audit_record
from users.login_sessions import sessions_revoke_others, tokens_revoke_all
from users.models import LoginSession, RecoveryCode, SecondFactor, User
from users.second_factor import codes
from users.second_factor.errors import SecondFactorEnabled, SecondFactorInvalid, SecondFactorMissing
from users.second_factor.selectors import has_second_factor
from utils.errors import InvalidInput, LimitReached
from utils.rate_limit import hit, look

TRIES, TRIES_SECONDS = 5, 300
"""Wrong codes of one account, and the time after which another may be tried."""


def second_factor_enrol(*, user: User) -> bytes:
    """A new secret, that a first code has yet to prove. Raises SecondFactorEnabled."""
    secret = codes.secret_make()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if has_second_factor(user):
            raise SecondFactorEnabled("This account has a second factor. Disable it first to set up another.")
        SecondFactor.objects.update_or_create(user=user, defaults={"secret": codes.secret_seal(secret), "last_step": 0})
    return secret


def second_factor_confirm(*, user: User, code: str, session_id: UUID, at: datetime | None = None) -> list[str]:
    """From now on log-ins need a code. Ends all sessions of the user but the one given. Returns the recovery codes.

    Raises SecondFactorMissing, SecondFactorEnabled, SecondFactorInvalid, LimitReached.
    """
    now = at or timezone.now()
    made = codes.recovery_codes_make()
    with transaction.atomic():
        factor = _locked(user)
        if factor.confirmed_at:
            raise SecondFactorEnabled("The second factor is set up already.")
        _code_take(factor, code, now)
        factor.confirmed_at = now
        factor.save(update_fields=["confirmed_at"])
        digests = map(codes.recovery_digest, made)
        RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, digest=digest) for digest in digests)
        sessions_revoke_others(user=user, keep=session_id)
        LoginSession.objects.filter(pk=session_id).update(second_factor=True)
        _audit("enrol", actor=user, user=user)
    return made


def second_factor_use(*, user: User, code: str, at: datetime | None = None) -> None:
    """Spend a code of the app, or a recovery code. Of several at once with the same code one succeeds.

    Raises SecondFactorMissing, SecondFactorInvalid, LimitReached.
    """
    with transaction.atomic():
        factor = _locked(user)
        if factor.confirmed_at is None:
            raise SecondFactorMissing("This account has no second factor.")
        _code_take(factor, code, at or timezone.now())


def second_factor_disable(*, user: User, password: str, code: str) -> None:
    """Raises InvalidInput, and what ``second_factor_use`` raises. Who has no password needs none."""
    if user.has_usable_password() and not user.check_password(password):
        text = "This is not the password of the account."
        raise InvalidInput(text, errors={"password": [text]})
    with transaction.atomic():
        second_factor_use(user=user, code=code)
        _remove(user)
        _audit("disable", actor=user, user=user)


def second_factor_reset(*, user: User, actor: User | None) -> bool:
    """For somebody who has lost app and recovery codes. Ends all sessions of the user. False if there was none."""
    with transaction.atomic():
        if not _remove(user):
            return False
        tokens_revoke_all(user=user)
        _audit("reset", actor=actor, user=user)
    return True


def _locked(user: User) -> SecondFactor:
    """Codes of one account are judged one after the other. SQLite has one writer at a time anyway."""
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is None:
        raise SecondFactorMissing("This account has no second factor.")
    return factor


def _code_take(factor: SecondFactor, code: str, at: datetime) -> None:
    """Call with the row locked: that makes looking at the limit, and counting later, one step."""
    window = look("second_factor", factor.pk, limit=TRIES, seconds=TRIES_SECONDS)
    if not window.allowed:
        raise LimitReached("Too many wrong codes. Please wait some minutes.", retry_after=window.resets)
    if not (_app_code_take(factor, code, at) or _recovery_code_take(factor, code)):
        hit("second_factor", factor.pk, limit=TRIES, seconds=TRIES_SECONDS)
        raise SecondFactorInvalid("This code is wrong, was used before, or is no longer shown. Try the next one.")


def _app_code_take(factor: SecondFactor, code: str, at: datetime) -> bool:
    secret = codes.secret_open(factor.secret)
    plain = "".join(code.split())
    step = codes.step_of(secret, plain, at=at.timestamp(), after=factor.last_step) if secret else None
    if step is None:
        return False
    factor.last_step = step
    factor.save(update_fields=["last_step"])
    return True


def _recovery_code_take(factor: SecondFactor, code: str) -> bool:
    if not RecoveryCode.objects.filter(factor=factor, digest=codes.recovery_digest(code)).delete()[0]:
        return False
    left = RecoveryCode.objects.filter(factor=factor).count()
    _audit("recovery_code", actor=factor.user, user=factor.user, left=left)
    return True


def _remove(user: User) -> bool:
    LoginSession.objects.filter(user=user).update(second_factor=False)
    return bool(SecondFactor.objects.filter(user=user).delete()[0])


def _audit(verb: str, *, actor: User | None, user: User, **detail: object) -> None:
    audit_record(
        actor=actor,
        action=f"second_factor.{verb}",
        object_type="user",
        object_id=str(user.pk),
        detail={"owner": user.username, **detail},
    )
