"""The steps of a log-in by the provider: away, back, and the tokens.

1. ``flow_begin``: the browser gets a signed cookie with what belongs to its log-in, and goes to the provider.
2. ``flow_finish``: it comes back. Only with the cookie that belongs to the state: nobody can make it finish a log-in
   that another browser began. The account is found, and the browser gets a code in the fragment of an address.
3. ``sign_on_exchange``: the chat exchanges this code, once, within a minute and with the cookie, for the tokens.

If something goes wrong before 3, the cookie says what, and 3 answers it. So there is one way for people to be told.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import update_last_login
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from users.admission import admission_demand
from users.login_sessions import tokens_issue
from users.models import SignOn, User
from users.sso.errors import BY_CODE, SsoAccountInactive, SsoCodeInvalid, SsoError, SsoRefused, SsoStateInvalid
from users.sso.identities import identity_user
from users.sso.provider import Flow, authorization_url, claims_fetch
from users.tokens import TokenPair

FLOW_SECONDS = 600
CODE_SECONDS = 60
_BEGUN, _FINISHED = "users.sso.begun", "users.sso.finished"


@dataclass(frozen=True, slots=True)
class Finished:
    """``cookie`` is for the browser, beside the code. Without a user, it holds why there is none."""

    cookie: str
    code: str
    target: str
    user: User | None
    error: SsoError | None = None


def flow_begin(*, target: str, redirect_uri: str) -> tuple[str, str]:
    """The provider's address to go to, and the cookie to go with. Raises SsoUnavailable."""
    flow = Flow.begin(target)
    return authorization_url(flow, redirect_uri=redirect_uri), signing.dumps(flow.to_dict(), salt=_BEGUN)


def flow_finish(*, cookie: str, answer: Mapping[str, str], redirect_uri: str) -> Finished:
    """Whoever the provider's answer is about. Raises nothing that could go wrong on the way."""
    target = "chat"
    try:
        flow = _flow(cookie, answer.get("state", ""))
        target = flow.target
        if "code" not in answer:
            raise SsoRefused("The log-in was cancelled, or the provider refused it.")
        claims = claims_fetch(flow, code=answer["code"], issuer=answer.get("iss"), redirect_uri=redirect_uri)
        user = identity_user(claims=claims)
        return Finished(signing.dumps({"state": flow.state}, salt=_FINISHED), _sign_on(flow, user), target, user)
    except SsoError as error:
        return failed(error, target)


def failed(error: SsoError, target: str) -> Finished:
    cookie = signing.dumps({"error": error.code, "detail": error.detail}, salt=_FINISHED)
    return Finished(cookie, "failed", target, None, error)


def sign_on_exchange(*, cookie: str, code: str, device: str = "", address: str = "") -> TokenPair:
    """The tokens of whoever has finished. Raises SsoError, EmailNotVerified, SecondFactorRequired."""
    user = sign_on_use(cookie=cookie, code=code)
    trusted: bool = settings.OIDC["TRUST_SECOND_FACTOR"]
    admission_demand(user, second_factor=not trusted)
    pair = tokens_issue(user=user, device=device, address=address, second_factor=trusted)
    update_last_login(User, user)
    return pair


def sign_on_use(*, cookie: str, code: str) -> User:
    """Spend the code. Raises SsoError: what went wrong before, or SsoCodeInvalid."""
    invalid = SsoCodeInvalid("The log-in took too long, was finished already, or was begun in another browser.")
    try:
        told: dict[str, Any] = signing.loads(cookie, salt=_FINISHED, max_age=FLOW_SECONDS)
    except signing.BadSignature:
        raise invalid from None
    if "error" in told:
        raise BY_CODE[told["error"]](told["detail"])
    with transaction.atomic():
        found = SignOn.objects.select_for_update(of=("self",)).select_related("user")
        row = found.filter(
            digest=_digest(code), state=_digest(told["state"]), used=False, expires_at__gt=timezone.now()
        ).first()
        if row is None:
            raise invalid
        row.used = True
        row.save(update_fields=["used"])
    if not row.user.is_active:
        raise SsoAccountInactive("Your account is not active. Ask an admin.")
    return row.user


def _flow(cookie: str, state: str) -> Flow:
    try:
        flow = Flow(**signing.loads(cookie, salt=_BEGUN, max_age=FLOW_SECONDS))
    except signing.BadSignature:
        flow = None
    if flow is None or not constant_time_compare(flow.state, state):
        raise SsoStateInvalid(
            "The log-in took too long, was finished already, or was begun in another browser. Please begin again."
        )
    return flow


def _sign_on(flow: Flow, user: User) -> str:
    """A code for the browser. Its row stays until no cookie of the log-in is good any more: none is finished twice."""
    now, code = timezone.now(), secrets.token_urlsafe(32)
    SignOn.objects.filter(expires_at__lt=now - timedelta(seconds=FLOW_SECONDS)).delete()
    try:
        with transaction.atomic():
            SignOn.objects.create(
                state=_digest(flow.state),
                digest=_digest(code),
                user=user,
                expires_at=now + timedelta(seconds=CODE_SECONDS),
            )
    except IntegrityError:
        raise SsoStateInvalid("This log-in was finished already. Please begin again.") from None
    return code


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
