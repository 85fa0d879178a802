"""The chat for people on websites, without an account."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import sse
from chat.asking_views import Asking
from chat.models import Audience, Visitor
from chat.quick_reply_views import OpeningSerializer
from chat.serializers import SessionSerializer
from chat.suggesting import openings
from chat.visitors import services
from chat.visitors.access import AllowedOrigin, VisitorAuthentication, origin_of, proven
from chat.visitors.selectors import visitor_session_get
from chat.visitors.serializers import (
    ClaimSerializer,
    VisitorAnswerSerializer,
    VisitorQuestionSerializer,
    VisitorSessionSerializer,
)
from rag.questions import scope_of
from users.permissions import caller
from utils.client_address import client_address
from utils.openapi import EventSerializer, problems
from utils.serializers import valid

TAG = ["Visitors"]
_SESSION = "4f6f3a1e-5d0c-4a3e-9d59-0f6f8f7f0c11"
_TOKEN = f"{_SESSION}:1vJ2pC:q0yV…"
_EVENTS = sse.EXAMPLE.replace('"session_id": "0190…",', f'"session_id": "0190…", "visitor_token": "{_TOKEN}",')

ANSWERED: dict[Any, Any] = {
    (200, "application/json"): VisitorAnswerSerializer,
    (200, sse.MEDIA_TYPE): OpenApiResponse(
        EventSerializer,
        "Server-sent events: `sources`, `delta`…, perhaps `restart`, then `done` with the message or `error`.",
        examples=[OpenApiExample("Events", _EVENTS, media_type=sse.MEDIA_TYPE)],
    ),
}


def visitor_answered(request: Request, **asked: Any) -> HttpResponseBase:
    """As JSON or as events. Asked is what :func:`services.visitor_question_begin` takes."""
    asked |= {"proven": proven(request), "address": client_address(request), "origin": origin_of(request)}
    if request.accepted_renderer.media_type == sse.MEDIA_TYPE:
        return sse.event_stream_response(services.visitor_question_begin(**asked))
    exchange = services.visitor_question_ask(**asked)
    return Response(VisitorAnswerSerializer(exchange).data, headers=dict(exchange.headers))


class VisitorView(APIView):
    """A view that visitors call, by their token, from a website that may."""

    authentication_classes = (VisitorAuthentication,)
    permission_classes = (AllowedOrigin,)


class VisitorAsk(VisitorView, Asking):
    @extend_schema(
        tags=TAG,
        operation_id="visitors_ask",
        summary="Ask without an account",
        auth=[{}, {"visitorToken": []}],  # type: ignore[list-item]  # the first question needs none
        request=VisitorQuestionSerializer,
        responses={
            **ANSWERED,
            **problems(400, 401, 403, 404, 415, 429),
        },
        examples=[
            OpenApiExample("A first question", {"message": "When are you open?"}, request_only=True),
            OpenApiExample(
                "A further one",
                {
                    "message": "And on Sundays?",
                    "session_id": _SESSION,
                    "visitor_info": {"name": "Ada", "email": "ada@example.org"},
                },
                request_only=True,
            ),
            OpenApiExample(
                "An answer",
                {
                    "session_id": _SESSION,
                    "visitor_token": _TOKEN,
                    "message_id": "b6ee8d1c-3f61-4c7f-8f0e-5a0a6ac1b1de",
                    "response": "We are open from nine to six [1].",
                    "status": "complete",
                    "grounded": True,
                    "citations": [],
                    "quick_replies": ["How do I renew a loan?"],
                    "response_time_ms": 412,
                },
                response_only=True,
                media_type="application/json",
            ),
        ],
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Answers from public documents, as one JSON answer or, with `Accept: text/event-stream`, while it is written.

        A conversation goes on with its `session_id` and, in the header, its visitor token; each answer brings a new
        token. An answer that could not be made has the status `failed` and says so kindly.
        """
        data = valid(VisitorQuestionSerializer(data=request.data))
        return visitor_answered(
            request, content=data["message"], session_id=data.get("session_id"), info=data.get("visitor_info")
        )


class VisitorSession(VisitorView):
    @extend_schema(
        tags=TAG,
        operation_id="visitors_session_retrieve",
        summary="A visitor's conversation",
        responses={200: VisitorSessionSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        """All that is shown of it, in order, with a new token. The id alone is not enough."""
        return Response(
            VisitorSessionSerializer(visitor_session_get(session_id=session_id, proven=proven(request))).data
        )


class VisitorSessionClaim(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="visitors_session_claim",
        summary="Take a visitor's conversation into one's account",
        request=ClaimSerializer,
        responses={200: SessionSerializer, **problems(400, 401, 404, 415)},
        examples=[OpenApiExample("After logging in", {"visitor_token": _TOKEN}, request_only=True)],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        """From then on it is the caller's own and the visitor token opens it no more. May be sent again."""
        token = valid(ClaimSerializer(data=request.data))["visitor_token"]
        session = services.session_claim(user=caller(request), session_id=session_id, token=token)
        return Response(SessionSerializer(session).data)


class VisitorSuggestions(APIView):
    authentication_classes = ()
    permission_classes = (AllowedOrigin,)

    @extend_schema(
        tags=TAG,
        operation_id="visitors_suggestions",
        summary="Questions that a visitor may begin with",
        responses={200: OpeningSerializer, **problems(403)},
    )
    def get(self, request: Request) -> Response:
        """At most six: what editors have set, else what is often asked and answered from public documents."""
        found = openings(scope=scope_of(Visitor().role), audience=Audience.VISITORS)
        return Response(OpeningSerializer(found).data)
