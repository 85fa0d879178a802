"""How the OpenAPI schema describes these operations."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from chat.openai_api.reading import MODEL
from chat.serializers import CitationSerializer
from utils import serializers
from utils.openapi import DESCRIPTIONS

MODEL_BODY = {"id": MODEL, "object": "model", "created": 1767225600, "owned_by": "grounded"}
EXAMPLES = [
    OpenApiExample(
        "A question",
        {"model": MODEL, "messages": [{"role": "user", "content": "How do I index a PDF?"}]},
        request_only=True,
    ),
    OpenApiExample(
        "Streamed, after an earlier question",
        {
            "model": MODEL,
            "stream": True,
            "messages": [
                {"role": "user", "content": "How many books may I borrow?"},
                {"role": "assistant", "content": "Up to seven [1]."},
                {"role": "user", "content": "And for how long?"},
            ],
        },
        request_only=True,
    ),
]


class OpenAIErrorDetailSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    type = serializers.CharField()
    param = serializers.CharField(allow_null=True, help_text="The field at fault.")
    code = serializers.CharField(help_text="As the problem details of the other addresses have it.")


class OpenAIErrorSerializer(serializers.Serializer[Any]):
    error = OpenAIErrorDetailSerializer()


class CompletionMessageSerializer(serializers.Serializer[Any]):
    role = serializers.CharField()
    content = serializers.CharField()
    refusal = serializers.CharField(allow_null=True)
    grounded = serializers.BooleanField(help_text="False: the knowledge base does not hold the answer.")
    citations = CitationSerializer(many=True)


class ChoiceSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    message = CompletionMessageSerializer()
    finish_reason = serializers.CharField()


class CompletionUsageSerializer(serializers.Serializer[Any]):
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()


class CompletionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    object = serializers.CharField()
    created = serializers.IntegerField()
    model = serializers.CharField()
    choices = ChoiceSerializer(many=True)
    usage = CompletionUsageSerializer()


class ModelSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    object = serializers.CharField()
    created = serializers.IntegerField()
    owned_by = serializers.CharField()


class ModelListSerializer(serializers.Serializer[Any]):
    object = serializers.CharField()
    data = ModelSerializer(many=True)  # type: ignore[assignment]


def errors(*statuses: int) -> dict[Any, OpenApiResponse]:
    return {
        (status, "application/json"): OpenApiResponse(OpenAIErrorSerializer, DESCRIPTIONS[status])
        for status in statuses
    }
