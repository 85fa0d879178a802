"""What a conversation may begin with: for users to choose from, for editors to set."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.asking_views import TAG
from chat.models import Audience, QuickReply
from chat.quick_replies import quick_reply_delete, quick_reply_save
from chat.suggesting import Opening, openings
from rag.questions import scope_of
from users.permissions import IsEditor, caller
from utils import serializers
from utils.openapi import problems

_TAGS = ["Quick replies"]
_EXAMPLE = OpenApiExample("A question to offer", {"text": "When are you open?", "position": 1}, request_only=True)


class OpeningSerializer(serializers.Serializer[Opening]):
    source = serializers.ChoiceField(
        choices=["editors", "questions"], help_text="Set by editors, or golden and often asked questions."
    )  # type: ignore[assignment] # a field of this name
    suggestions = serializers.ListField(child=serializers.CharField())


class QuickReplySerializer(serializers.ModelSerializer[QuickReply]):
    class Meta:
        model = QuickReply
        fields = ["id", "text", "audience", "position", "active"]


class Suggestions(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="chat_suggestions",
        summary="Questions to begin with",
        responses={200: OpeningSerializer, **problems(401)},
        examples=[
            OpenApiExample(
                "Set by editors",
                {"source": "editors", "suggestions": ["When are you open?", "How do I renew a loan?"]},
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """At most six: what editors have set, else what at least three users have asked and golden questions.

        Of those only what is answered from documents that the caller may see.
        """
        found = openings(scope=scope_of(caller(request)), audience=Audience.USERS)
        return Response(OpeningSerializer(found).data)


@extend_schema_view(
    get=extend_schema(
        tags=_TAGS,
        operation_id="quick_replies_list",
        summary="Quick replies",
        responses={200: QuickReplySerializer(many=True), **problems(401, 403, 404)},
    ),
    post=extend_schema(
        tags=_TAGS,
        operation_id="quick_replies_create",
        summary="Offer a question",
        responses={201: QuickReplySerializer, **problems(400, 401, 403, 415)},
        examples=[_EXAMPLE],
    ),
)
class QuickReplyList(generics.ListCreateAPIView[QuickReply]):
    permission_classes = (IsAuthenticated, IsEditor)
    serializer_class = QuickReplySerializer
    queryset = QuickReply.objects.all()

    def perform_create(self, serializer: serializers.BaseSerializer[QuickReply]) -> None:
        serializer.instance = quick_reply_save(
            actor=caller(self.request), reply=QuickReply(**serializer.validated_data)
        )


@extend_schema_view(
    get=extend_schema(
        tags=_TAGS,
        operation_id="quick_replies_retrieve",
        summary="One quick reply",
        responses={200: QuickReplySerializer, **problems(401, 403, 404)},
    ),
    patch=extend_schema(
        tags=_TAGS,
        operation_id="quick_replies_update",
        summary="Change a quick reply",
        responses={200: QuickReplySerializer, **problems(400, 401, 403, 404, 415)},
        examples=[_EXAMPLE],
    ),
    delete=extend_schema(
        tags=_TAGS,
        operation_id="quick_replies_delete",
        summary="Offer a question no more",
        responses={204: None, **problems(401, 403, 404)},
    ),
)
class QuickReplyDetail(generics.RetrieveUpdateDestroyAPIView[QuickReply]):
    permission_classes = (IsAuthenticated, IsEditor)
    serializer_class = QuickReplySerializer
    queryset = QuickReply.objects.all()

    def perform_update(self, serializer: serializers.BaseSerializer[QuickReply]) -> None:
        reply = self.get_object()
        for name, value in serializer.validated_data.items():
            setattr(reply, name, value)
        serializer.instance = quick_reply_save(actor=caller(self.request), reply=reply)

    def perform_destroy(self, instance: QuickReply) -> None:
        quick_reply_delete(actor=caller(self.request), reply=instance)

    http_method_names = ["get", "patch", "delete", "head", "options"]
