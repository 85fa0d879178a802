"""Logging in by the organisation's identity provider."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from users.cookies import tokens_answer
from users.limits import SignOnLimit
from users.second_factor.admin_site import site_enter
from users.serializers import TokenPairSerializer
from users.sso.errors import SsoError
from users.sso.log_in import FLOW_SECONDS, Finished, failed, flow_begin, flow_finish, sign_on_exchange
from users.views import PAIR, PublicView
from utils import serializers
from utils.client_address import client_address
from utils.errors import NotFound
from utils.openapi import problems
from utils.serializers import valid

_TAGS = ["Single sign-on"]
_TARGETS = ("chat", "admin")


class ProviderSerializer(serializers.Serializer[dict[str, str]]):
    name = serializers.CharField(help_text="As it is to be shown.")
    start_url = serializers.CharField(help_text="Where the browser is to go.")


class ProvidersSerializer(serializers.Serializer[dict[str, Any]]):
    providers = ProviderSerializer(many=True)


class ExchangeSerializer(serializers.Serializer[dict[str, str]]):
    code = serializers.CharField(max_length=100)


class SsoView(PublicView):
    @extend_schema(
        operation_id="sso_read",
        tags=_TAGS,
        summary="By whom one can log in",
        responses=ProvidersSerializer,
        examples=[
            OpenApiExample("One", {"providers": [{"name": "Example Ltd", "start_url": "/api/auth/sso/start/"}]}),
        ],
    )
    def get(self, request: Request) -> Response:
        """Empty where single sign-on is not set up."""
        found = [{"name": settings.OIDC["NAME"], "start_url": reverse("sso-start")}] if settings.OIDC["ISSUER"] else []
        return Response({"providers": found})


class SsoStartView(PublicView):
    throttle_classes = (SignOnLimit,)

    @extend_schema(
        operation_id="sso_start",
        tags=_TAGS,
        summary="Go to the provider",
        description="For browsers. What belongs to the log-in is kept in a cookie for ten minutes.",
        parameters=[
            OpenApiParameter("next", str, enum=_TARGETS, description="Where to go afterwards; the chat by default.")
        ],
        responses={
            302: OpenApiResponse(description="To the provider, or with a failure to the chat."),
            **problems(404),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        _demand_provider()
        told = request.query_params.get("next", "")
        target = told if told in _TARGETS else "chat"
        try:
            url, cookie = flow_begin(target=target, redirect_uri=_callback(request))
        except SsoError as error:
            return _landed(request, failed(error, target))
        return _with_cookie(request, HttpResponseRedirect(url), cookie)


class SsoCallbackView(PublicView):
    throttle_classes = (SignOnLimit,)

    @extend_schema(
        operation_id="sso_callback",
        tags=_TAGS,
        summary="Come back from the provider",
        description=(
            "The redirect URI that the provider knows. The browser goes on to the chat, with a code in the fragment "
            "of the address which it exchanges for tokens."
        ),
        parameters=[
            OpenApiParameter(name, str, description=text)
            for name, text in (
                ("code", "The provider's."),
                ("state", "That of the log-in."),
                ("iss", "The provider, if it says so."),
                ("error", "Instead of a code."),
            )
        ],
        responses={302: OpenApiResponse(description="To the chat or the admin site."), **problems(404)},
    )
    def get(self, request: Request) -> HttpResponse:
        _demand_provider()
        finished = flow_finish(
            cookie=request.COOKIES.get(_cookie_name(request), ""),
            answer=request.query_params.dict(),
            redirect_uri=_callback(request),
        )
        return _landed(request, finished)


class SsoExchangeView(PublicView):
    throttle_classes = (SignOnLimit,)

    @extend_schema(
        operation_id="sso_exchange",
        tags=_TAGS,
        summary="Exchange the code of a finished log-in for tokens",
        description=(
            "Within a minute, once, and with the cookie of the browser that began the log-in. If the log-in failed, "
            "this says why. An account with a second factor is asked for it, as after a password."
        ),
        request=ExchangeSerializer,
        responses={200: TokenPairSerializer, **problems(400, 401, 403, 404, 409, 415, 503)},
        examples=[OpenApiExample("A code", {"code": "x3Jm…"}, request_only=True), PAIR],
    )
    def post(self, request: Request) -> Response:
        _demand_provider()
        data = valid(ExchangeSerializer(data=request.data))
        pair = sign_on_exchange(
            cookie=request.COOKIES.get(_cookie_name(request), ""),
            code=data["code"],
            device=request.headers.get("User-Agent", ""),
            address=client_address(request),
        )
        answer = tokens_answer(pair)
        answer.delete_cookie(_cookie_name(request))
        return answer


def _landed(request: Request, finished: Finished) -> HttpResponse:
    """On the admin site somebody is logged in at once: its sessions are cookies."""
    if finished.target == "chat":
        to = HttpResponseRedirect(f"{reverse('web-chat')}#/sso/{finished.code}")
        return _with_cookie(request, to, finished.cookie)
    if finished.user is None:
        messages.error(request._request, finished.error.detail if finished.error else "")
        return HttpResponseRedirect(reverse("admin:login"))
    return site_enter(request._request, finished.user, trusted=settings.OIDC["TRUST_SECOND_FACTOR"])


def _demand_provider() -> None:
    if not settings.OIDC["ISSUER"]:
        raise NotFound("Single sign-on is not set up here.")


def _callback(request: Request) -> str:
    return request.build_absolute_uri(reverse("sso-callback"))


def _cookie_name(request: Request) -> str:
    """With the prefix, no other host of the domain can plant one."""
    return "__Host-grounded_sso" if request.is_secure() else "grounded_sso"


def _with_cookie(request: Request, response: HttpResponse, cookie: str) -> HttpResponse:
    response.set_cookie(
        _cookie_name(request), cookie, FLOW_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    response["Cache-Control"] = "no-store"
    return response
