"""An OpenID Connect provider on this machine: discovery, keys, log-in page, tokens.

It logs in ``person`` without asking, and lies in its tokens as a test tells it to (``lies``).
"""

import base64
import secrets
import time
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.loopback.server import LoopbackServer
from tests.loopback.wire import Failure, Reply, Request

CLIENT = ("grounded", "a secret of ours & theirs")


@cache
def rsa_key() -> RSAKey:
    """Made once: finding its primes takes a while."""
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


class LoopbackOidc(LoopbackServer):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.person: dict[str, Any] = {"sub": "4711", "email": "ada@example.org", "email_verified": True}
        self.lies: dict[str, Any] = {}
        """Claims of the next tokens that are other than they should be; None leaves one out."""
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.metadata: dict[str, Any] = {}
        """What discovery says besides, or instead."""
        self.userinfo: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.codes_last_for_ever = False
        self.signing_key: Any = rsa_key()
        self.alg = "RS256"

    def rotate(self, kid: str = "second") -> None:
        """From now on another key signs, and the first is gone."""
        self.signing_key, self.alg = ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}), "ES256"

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(
            {"alg": self.alg, "kid": self.signing_key.kid}, claims, self.signing_key, algorithms=[self.alg]
        )

    def asked(self, path: str) -> int:
        return sum(request.path == path for request in self.requests)

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        pages: dict[str, Callable[[Request], Reply]] = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": lambda _: Reply({"keys": [self.signing_key.as_dict(private=False)]}),
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": lambda _: Reply(self.userinfo),
        }
        return pages[request.path](request) if request.path in pages else Reply({}, 404)

    def _discovery(self, _: Request) -> Reply:
        endpoints = {"authorization": "authorize", "token": "token"}
        return Reply(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in endpoints.items()},
                "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
                **self.metadata,
            }
        )

    def _authorize(self, request: Request) -> Reply:
        asked = dict(request.query)
        if asked.get("client_id") != CLIENT[0] or asked.get("code_challenge_method") != "S256":
            return Reply({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        told = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return Reply(b"", 302, {"Location": f"{asked['redirect_uri']}?{told}"})

    def _token(self, request: Request) -> Reply:
        sent = dict(parse_qsl(request.raw.decode()))
        asked = self.codes.get(sent["code"])
        challenge = base64.urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        basic = base64.b64encode(":".join(CLIENT).encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return Reply({"error": "invalid_client"}, 401)
        if (
            asked is None
            or (sent["grant_type"], sent["redirect_uri"]) != ("authorization_code", asked["redirect_uri"])
            or challenge != asked["code_challenge"]
        ):
            return Reply({"error": "invalid_grant", "error_description": "<b>words of the provider</b>"}, 400)
        if not self.codes_last_for_ever:
            del self.codes[sent["code"]]
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT[0],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.lies,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        return Reply({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": self.sign(told)})
