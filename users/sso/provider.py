"""The identity provider: what it says of itself, where people are sent to, and who it says has come back.

Nobody but the operator chooses what is asked: the issuer is configured, and the other addresses are those that it
publishes. Redirects are not followed. Connections are TLS, unless the provider is on this machine.
"""

import logging
import secrets
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Self

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from users.sso.addresses import is_safe
from users.sso.errors import SsoRefused, SsoTokenInvalid, SsoUnavailable

logger = logging.getLogger(__name__)
ALGORITHMS = [f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)]
"""Signatures that nobody but the provider can make: neither ``none`` nor HMAC with a key that we have too."""
KEPT_SECONDS = 3600.0
"""How long what the provider publishes is kept; its keys no longer than until a token is signed by another."""
_TIMEOUT = httpx2.Timeout(10, connect=5)
_LEEWAY = 60
"""Seconds by which the provider's clock may differ."""
_ADDRESS = ("email", "email_verified")


@dataclass(frozen=True, slots=True)
class Flow:
    """One log-in, from the way to the provider to the way back. The browser that began it keeps it in a cookie."""

    state: str
    nonce: str
    verifier: str
    target: str
    """Where somebody goes afterwards: ``chat`` or ``admin``."""

    @classmethod
    def begin(cls, target: str) -> Self:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, target)

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def authorization_url(flow: Flow, *, redirect_uri: str) -> str:
    """Where the browser is sent to. Raises SsoUnavailable."""
    with _client() as client:
        url, _ = client.create_authorization_url(
            _endpoint("authorization_endpoint"),
            state=flow.state,
            nonce=flow.nonce,
            code_verifier=flow.verifier,
            redirect_uri=redirect_uri,
        )
    return str(url)


def claims_fetch(flow: Flow, *, code: str, issuer: str | None, redirect_uri: str) -> dict[str, Any]:
    """What the provider says of whoever came back with this code. ``issuer`` is that of the answer, if it names one.

    Raises SsoRefused, SsoTokenInvalid, SsoUnavailable.
    """
    metadata = _metadata()
    named = metadata.get("authorization_response_iss_parameter_supported")  # RFC 9207
    if issuer != settings.OIDC["ISSUER"] and (issuer is not None or named):
        raise SsoTokenInvalid("The answer comes from another provider than the one that was asked.")
    with _client(token_endpoint_auth_method=_client_method(metadata)) as client:
        token = _token_fetch(client, code=code, code_verifier=flow.verifier, redirect_uri=redirect_uri)
        claims = _id_token_read(token, flow.nonce)
        role_claim = settings.OIDC["ROLE_CLAIM"]
        is_whole = "email" in claims and (not role_claim or role_claim in claims)
        return claims if is_whole or "userinfo_endpoint" not in metadata else _with_userinfo(client, claims, token)


def _token_fetch(client: OAuth2Client, **sent: str) -> dict[str, Any]:
    try:
        token: dict[str, Any] = client.fetch_token(_endpoint("token_endpoint"), grant_type="authorization_code", **sent)
    except OAuthError as error:
        logger.warning("The provider refused the code of a log-in: %s", str(error.error)[:100])
        raise SsoRefused("The log-in provider refused the log-in. Please begin again.") from None
    except (httpx2.HTTPError, ValueError) as error:
        raise _unavailable(f"the token endpoint failed ({type(error).__name__})") from None
    return token


def _id_token_read(token: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The claims of a token that the provider has made for us and for this log-in."""
    oidc = settings.OIDC
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": oidc["ISSUER"]},
        "aud": {"essential": True, "value": oidc["CLIENT_ID"]},
        "sub": {"essential": True},
    }
    params = {"nonce": nonce, "client_id": oidc["CLIENT_ID"], "access_token": token.get("access_token")}
    try:
        read = _verified(str(token.get("id_token") or ""))
        claims = CodeIDToken(read.claims, read.header, options, params)
        claims.validate(leeway=_LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        logger.warning("The provider's ID token is refused: %s", str(error)[:200])
        raise SsoTokenInvalid("The log-in provider's answer is not valid. Please begin again.") from None
    return dict(claims)


def _verified(id_token: str) -> jwt.Token:
    """A key that is not known, or that does not fit any more, may have come since the keys were read."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    url = _endpoint("jwks_uri")
    try:
        return jwt.decode(id_token, _keys(url), registry=registry)
    except (InvalidKeyIdError, BadSignatureError):
        _published.forget(url)
        return jwt.decode(id_token, _keys(url), registry=registry)


def _keys(url: str) -> KeySet:
    found = _published.read(url).get("keys")
    keys = [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []
    return KeySet.import_key_set({"keys": keys})


def _with_userinfo(client: OAuth2Client, claims: dict[str, Any], token: dict[str, Any]) -> dict[str, Any]:
    """Some providers tell addresses and groups there only. An address goes with the word of the same source for it."""
    headers = {"Authorization": f"Bearer {token.get('access_token')}"}
    told = _json(client, _endpoint("userinfo_endpoint"), headers=headers)
    if told.get("sub") != claims["sub"]:
        raise SsoTokenInvalid("The log-in provider's answer is about somebody else. Please begin again.")
    other = told if "email" in claims else claims
    for name in _ADDRESS:
        other.pop(name, None)
    return {**told, **claims}


def _metadata() -> dict[str, Any]:
    issuer = settings.OIDC["ISSUER"]
    metadata = _published.read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if metadata.get("issuer") != issuer:
        raise _unavailable("it names another issuer than OIDC_ISSUER, which must be the same to the letter")
    return metadata


def _endpoint(name: str) -> str:
    address = _metadata().get(name)
    if not isinstance(address, str) or not is_safe(address):
        raise _unavailable(f"it publishes no {name} on HTTPS")
    return address


def _client(**options: Any) -> OAuth2Client:
    oidc = settings.OIDC
    return OAuth2Client(
        oidc["CLIENT_ID"],
        oidc["CLIENT_SECRET"] or None,
        scope=oidc["SCOPES"],
        code_challenge_method="S256",
        timeout=_TIMEOUT,
        follow_redirects=False,
        verify=_tls(),
        **options,
    )


@lru_cache(maxsize=1)
def _tls() -> Any:
    """Made once: reading the certificates takes tens of milliseconds."""
    return httpx2.create_ssl_context()


def _client_method(metadata: dict[str, Any]) -> str:
    if not settings.OIDC["CLIENT_SECRET"]:
        return "none"
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"


def _json(client: OAuth2Client, url: str, **options: Any) -> dict[str, Any]:
    if not is_safe(url):
        raise _unavailable("its address is not on HTTPS")
    try:
        response = client.request("GET", url, withhold_token=True, **options)
        body = response.json() if response.status_code == 200 else None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise _unavailable(f"{url} cannot be read ({type(error).__name__})") from None
    if not isinstance(body, dict):
        raise _unavailable(f"{url} answered {response.status_code}, or no JSON object")
    return body


def _unavailable(reason: str) -> SsoUnavailable:
    logger.error("Nobody can log in by the provider %s: %s.", settings.OIDC["ISSUER"], reason)
    return SsoUnavailable("The log-in provider cannot be reached now. Try again later.")


class _Published:
    """What the provider publishes, kept in this process: in a shared cache somebody else could put keys of theirs."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def read(self, url: str) -> dict[str, Any]:
        at, found = self._kept.get(url, (0.0, {}))
        if not found or time.monotonic() - at > KEPT_SECONDS:
            with _client() as client:
                found = _json(client, url)
            self._kept[url] = (time.monotonic(), found)
        return found

    def forget(self, url: str) -> None:
        self._kept.pop(url, None)


_published = _Published()
