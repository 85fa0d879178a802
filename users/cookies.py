"""Refresh tokens in cookies (``AUTH_COOKIES``), for browsers: no script can read them.

A browser sends cookies by itself, so a request must also show that it was made by a page of ours. A second cookie, that
scripts can read, holds a value which the page sends back in a header (a double submit). The value is the session's
HMAC: a cookie that somebody plants in the browser, from another host of the domain say, does not pass.
"""

from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.request import Request
from rest_framework.response import Response

from users import tokens
from users.errors import CsrfFailed, InvalidToken
from users.serializers import TokenPairSerializer
from users.tokens import TokenPair

REFRESH, CSRF = "grounded_refresh", "grounded_csrf"
HEADER = "X-Auth-CSRF"
PATH = "/api/auth/"


def tokens_answer(pair: TokenPair) -> Response:
    """The answer to a log-in or an exchange."""
    response = Response(TokenPairSerializer(pair).data, headers={"Cache-Control": "no-store"})
    if settings.AUTH_COOKIES:
        cookies_put(response, pair)
    return response


def cookies_put(response: Response, pair: TokenPair) -> None:
    age = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    response.set_cookie(REFRESH, pair.refresh, age, path=PATH, secure=True, httponly=True, samesite="Strict")
    response.set_cookie(CSRF, _proof(pair.session_id), age, path="/", secure=True, samesite="Strict")


def cookies_forget(response: Response) -> None:
    response.set_cookie(REFRESH, max_age=0, path=PATH, secure=True, httponly=True, samesite="Strict")
    response.set_cookie(CSRF, max_age=0, path="/", secure=True, samesite="Strict")


def refresh_from_cookie(request: Request) -> str:
    """The refresh token. Raises InvalidToken without a good one, CsrfFailed if the header does not belong to it."""
    refresh = request.COOKIES.get(REFRESH, "")
    if not refresh:
        raise InvalidToken("There is no refresh token in the cookies. Log in again.")
    if not constant_time_compare(request.headers.get(HEADER, ""), _proof(tokens.read(refresh).session_id)):
        raise CsrfFailed(f"Send the value of the cookie {CSRF} in the header {HEADER}.")
    return refresh


def _proof(session_id: UUID) -> str:
    return salted_hmac("users.cookies", str(session_id), algorithm="sha256").hexdigest()
