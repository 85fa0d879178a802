"""Whatever comes back that the provider has not made for this browser's log-in opens nothing."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey

from tests.loopback.oidc import LoopbackOidc, rsa_key
from tests.users.sso.conftest import Browser, refusal
from users.models import ExternalIdentity, LoginSession, SignOn, User

NOW = int(time.time())
LIES: dict[str, dict[str, Any]] = {
    "wrong nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "wrong audience": {"aud": "another-client"},
    "wrong audience, made for us": {"aud": "another-client", "azp": "grounded"},
    "several audiences without azp": {"aud": ["grounded", "another-client"]},
    "authorized party is another": {"azp": "another-client"},
    "no audience": {"aud": None},
    "wrong issuer": {"iss": "https://accounts.example.org"},
    "no issuer": {"iss": None},
    "expired": {"exp": NOW - 3600},
    "no expiry": {"exp": None},
    "an expiry that is no number": {"exp": "never"},
    "issued in the future": {"iat": NOW + 3600},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 4711},
    "a subject too long to keep": {"sub": "4" * 256},
    "a subject that no database takes": {"sub": "47\x0011"},
    "the hash of another access token": {"at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng"},
}


@pytest.fixture(autouse=True)
def _nobody_is_let_in(provider: LoopbackOidc) -> Any:
    yield
    assert not User.objects.exists()
    assert not LoginSession.objects.exists()
    assert not ExternalIdentity.objects.exists()


@pytest.mark.parametrize("lie", LIES)
def test_a_token_with_a_wrong_claim(provider: LoopbackOidc, browser: Browser, lie: str) -> None:
    provider.lies = LIES[lie]
    assert refusal(browser.log_in()) == (403, "sso_token_invalid")


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def hmac_with(key: bytes) -> Callable[[dict[str, Any]], str]:
    """PyJWT refuses to sign with a public key, so by hand."""

    def sign(claims: dict[str, Any]) -> str:
        algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        text = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(claims)}"
        return f"{text}.{base64.urlsafe_b64encode(algorithm.sign(text.encode(), key)).rstrip(b'=').decode()}"

    return sign


def forged_with_another_key(claims: dict[str, Any]) -> str:
    provider = LoopbackOidc.__new__(LoopbackOidc)
    provider.signing_key, provider.alg = RSAKey.generate_key(1024, {"kid": "first"}), "RS256"
    return provider.signed(claims)


PEM = rsa_key().public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SIGNATURES: dict[str, Callable[[dict[str, Any]], str]] = {
    "none": unsigned,
    "hs256 with the public key": hmac_with(PEM),
    "hs256 with the client's secret": hmac_with(b"a secret of ours & theirs"),
    "another key under the same name": forged_with_another_key,
    "none at all": lambda claims: "",
    "not a token": lambda claims: "x.y.z",
    "in characters of no token": lambda claims: "ü",
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_token_with_a_wrong_signature(provider: LoopbackOidc, browser: Browser, signature: str) -> None:
    provider.sign = SIGNATURES[signature]
    assert refusal(browser.log_in()) == (403, "sso_token_invalid")


def changed(address: str, **parameters: str | None) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | parameters
    return urlunsplit(parts._replace(query=urlencode({name: value for name, value in query.items() if value})))


@pytest.mark.parametrize("state", [None, "", "another"])
def test_another_state_than_the_browser_s(provider: LoopbackOidc, browser: Browser, state: str | None) -> None:
    code = browser.back(changed(browser.away(), state=state))
    assert refusal(browser.exchange(code)) == (403, "sso_state_invalid")
    assert not provider.asked("/token")


def test_a_log_in_that_somebody_else_began(provider: LoopbackOidc, browser: Browser) -> None:
    """Login CSRF: the victim is to be logged in to the attacker's account."""
    attackers = Browser().away()
    assert refusal(browser.exchange(browser.back(attackers))) == (403, "sso_state_invalid")
    browser.away()  # they are about to log in themselves
    assert refusal(browser.exchange(browser.back(attackers))) == (403, "sso_state_invalid")


def test_a_cookie_that_we_have_not_signed_or_that_is_for_something_else(
    provider: LoopbackOidc, browser: Browser
) -> None:
    address = browser.away()
    for cookie in ("x", browser.cookies["grounded_sso"].value[:-1] + "x"):
        browser.cookies["grounded_sso"] = cookie
        assert refusal(browser.exchange(browser.back(address))) == (403, "sso_state_invalid")
    failed = browser.cookies["grounded_sso"].value  # signed by us, for the next step
    assert failed
    assert refusal(browser.exchange(browser.back(address))) == (403, "sso_state_invalid")


def test_the_code_of_somebody_else_s_log_in(provider: LoopbackOidc, browser: Browser) -> None:
    """Code injection: PKCE ties a code to the browser that asked for it."""
    others = parse_qs(urlsplit(Browser().away()).query)["code"][0]
    code = browser.back(changed(browser.away(), code=others))
    assert refusal(browser.exchange(code)) == (403, "sso_refused")


def test_an_answer_of_another_provider(provider: LoopbackOidc, browser: Browser) -> None:
    """Mix-up: the code must not be sent to a provider that has not made it."""
    code = browser.back(changed(browser.away(), iss="https://evil.example.org"))
    assert refusal(browser.exchange(code)) == (403, "sso_token_invalid")
    assert not provider.asked("/token")


def test_an_answer_that_does_not_say_whose_it_is_though_the_provider_always_does(
    provider: LoopbackOidc, browser: Browser
) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    code = browser.back(changed(browser.away(), iss=None))
    assert refusal(browser.exchange(code)) == (403, "sso_token_invalid")


@pytest.mark.parametrize("answer", [{"error": "access_denied"}, {"error": "<script>"}, {}])
def test_a_log_in_that_the_provider_refused(provider: LoopbackOidc, browser: Browser, answer: dict[str, str]) -> None:
    address = changed(browser.away(), code=None, **answer)
    told = browser.exchange(browser.back(address))
    assert refusal(told) == (403, "sso_refused")
    assert "script" not in told.content.decode()


def test_what_the_provider_says_of_a_bad_code_is_not_repeated(provider: LoopbackOidc, browser: Browser) -> None:
    told = browser.exchange(browser.back(changed(browser.away(), code="made up")))
    assert refusal(told) == (403, "sso_refused")
    assert "words of the provider" not in told.content.decode()


def test_nothing_of_it_leaves_a_code_behind(provider: LoopbackOidc, browser: Browser) -> None:
    provider.lies = {"aud": "another-client"}
    assert browser.back(browser.away()) == "failed"
    assert not SignOn.objects.exists()
