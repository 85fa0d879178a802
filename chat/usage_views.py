"""What one has used, and may still use."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.asking_views import TAG
from chat.quotas import Allowance, allowance_of
from users.permissions import caller
from utils import serializers
from utils.openapi import problems


class MinuteSerializer(serializers.Serializer[Allowance]):
    allowed = serializers.IntegerField(source="limit")
    used = serializers.IntegerField()
    left = serializers.IntegerField()
    resets_in = serializers.FloatField(source="resets", help_text="Seconds until the oldest of them counts no more.")


class DaySerializer(serializers.Serializer[Allowance]):
    allowed = serializers.IntegerField(help_text="0: as many as you like.")
    used = serializers.IntegerField()
    left = serializers.IntegerField(allow_null=True, help_text="Null where there is no limit.")
    resets_at = serializers.DateTimeField()
    answers = serializers.IntegerField(source="today.answers")
    prompt_tokens = serializers.IntegerField(source="today.prompt_tokens")
    completion_tokens = serializers.IntegerField(source="today.completion_tokens")


class AllowanceSerializer(serializers.Serializer[Allowance]):
    messages_a_minute = MinuteSerializer(source="minute")
    tokens_a_day = DaySerializer(source="budget")


class UsageToday(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="chat_usage",
        summary="What you have used today, and what is left",
        responses={200: AllowanceSerializer, **problems(401)},
        examples=[
            OpenApiExample(
                "After one answer",
                {
                    "messages_a_minute": {"allowed": 30, "used": 1, "left": 29, "resets_in": 41.5},
                    "tokens_a_day": {
                        "allowed": 200000,
                        "used": 1240,
                        "left": 198760,
                        "resets_at": "2026-02-01T00:00:00Z",
                        "answers": 1,
                        "prompt_tokens": 1100,
                        "completion_tokens": 140,
                    },
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Days are those of UTC. An answer that was kept from before costs no tokens."""
        return Response(AllowanceSerializer(allowance_of(user=caller(request))).data)
