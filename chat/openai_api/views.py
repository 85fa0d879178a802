"""``/v1/``: chat completions and the list of models."""

from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import sse
from chat.openai_api.describing import EXAMPLES, MODEL_BODY, CompletionSerializer, ModelListSerializer, ModelSerializer
from chat.openai_api.describing import errors as described_errors
from chat.openai_api.errors import openai_exception_handler
from chat.openai_api.reading import ChatCompletionSerializer, model_find, request_read
from chat.openai_api.writing import completion, completion_stream
from chat.stateless import question_take
from users.permissions import caller
from utils.errors import NotFound
from utils.openapi import EventSerializer

_TAGS = ["OpenAI-compatible"]


class OpenAIView(APIView):
    def get_exception_handler(self) -> Any:
        return openai_exception_handler


class Completions(OpenAIView):
    def get_renderers(self) -> list[Any]:
        """What is sent is told by the body, whatever is accepted."""
        return [*super().get_renderers(), sse.EventStreamRenderer()]

    @extend_schema(
        tags=_TAGS,
        operation_id="openai_chat_completions",
        summary="Answer the last message of a conversation",
        request=ChatCompletionSerializer,
        responses={
            (200, "application/json"): CompletionSerializer,
            (200, sse.MEDIA_TYPE): OpenApiResponse(EventSerializer, "Chunks, where `stream` is true."),
            **described_errors(400, 401, 403, 404, 415, 429, 503),
        },
        examples=EXAMPLES,
    )
    def post(self, request: Request) -> HttpResponseBase:
        """As OpenAI has it. `citations` and `grounded` are further fields of the message, or of the last delta.

        The earlier messages are the history; nothing is saved. Messages of the system are not obeyed.
        """
        wanted = request_read(request.data)
        asked = question_take(user=caller(request), question=wanted.question, history=wanted.history)
        if wanted.stream:
            headers = {**sse.HEADERS, **asked.headers}
            return StreamingHttpResponse(completion_stream(asked, wanted), content_type=sse.MEDIA_TYPE, headers=headers)
        return Response(completion(asked), content_type="application/json", headers=dict(asked.headers))


class Models(OpenAIView):
    @extend_schema(
        tags=_TAGS,
        operation_id="openai_models_list",
        summary="The models there are: one",
        responses={200: ModelListSerializer, **described_errors(401, 403)},
        examples=[OpenApiExample("The one", {"object": "list", "data": [MODEL_BODY]}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return Response({"object": "list", "data": [MODEL_BODY]})


class Model(OpenAIView):
    @extend_schema(
        tags=_TAGS,
        operation_id="openai_models_retrieve",
        summary="One model",
        responses={200: ModelSerializer, **described_errors(401, 403, 404)},
        examples=[OpenApiExample("The one", MODEL_BODY, response_only=True)],
    )
    def get(self, request: Request, model: str) -> Response:
        return Response({**MODEL_BODY, "id": model_find(model)})


@extend_schema(exclude=True)
class Unknown(OpenAIView):
    """Whatever else OpenAI has an address for: an error in the shape that its clients read."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("There is no such address below /v1/: only chat/completions and models.")
