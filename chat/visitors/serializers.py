"""What visitors send and are sent."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field

from chat.beginning import Exchange
from chat.models import Audience, Session, Visitor
from chat.selectors import messages_shown
from chat.serializers import CitationSerializer, ContentField, MessageSerializer
from chat.suggesting import openings
from chat.visitors.tokens import token_issue
from rag.questions import scope_of
from utils import serializers


class VisitorInfoSerializer(serializers.ModelSerializer[Visitor]):
    class Meta:
        model = Visitor
        fields = ["name", "email"]


class VisitorQuestionSerializer(serializers.Serializer[Any]):
    message = ContentField()
    session_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="With the visitor token of it. None: a conversation is begun."
    )
    visitor_info = VisitorInfoSerializer(required=False, allow_null=True, help_text="Who asks, if they want to say.")


class VisitorAnswerSerializer(serializers.Serializer[Exchange]):
    session_id = serializers.UUIDField(source="answer.session_id")
    visitor_token = serializers.CharField(
        source="told.visitor_token", help_text="For “Authorization: Visitor …”, in the place of the one before."
    )
    message_id = serializers.UUIDField(source="answer.pk")
    response = serializers.CharField(source="answer.content")
    status = serializers.CharField(source="answer.status", help_text="complete; failed: the response is an apology.")
    grounded = serializers.BooleanField(source="answer.grounded")
    citations = CitationSerializer(source="answer.citations", many=True)
    quick_replies = serializers.SerializerMethodField(
        help_text="Questions to go on with: what follows from the answer, else what editors offer to begin with."
    )
    response_time_ms = serializers.IntegerField(source="answer.response_time_ms")

    def get_quick_replies(self, exchange: Exchange) -> list[str]:
        asked = exchange.question.content.casefold()
        found: Sequence[str] = exchange.answer.suggestions or quick_replies()
        return [text for text in found if text.casefold() != asked]


def quick_replies() -> Sequence[str]:
    return openings(scope=scope_of(Visitor().role), audience=Audience.VISITORS).suggestions


class VisitorSessionSerializer(serializers.Serializer[Session]):
    session_id = serializers.UUIDField(source="pk")
    visitor_token = serializers.SerializerMethodField(help_text="In the place of the one that was sent.")
    visitor_info = VisitorInfoSerializer(source="visitor")
    created_at = serializers.DateTimeField()
    messages = serializers.SerializerMethodField()

    def get_visitor_token(self, session: Session) -> str:
        return token_issue(session.pk)

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, session: Session) -> Any:
        return MessageSerializer(messages_shown(session=session), many=True).data


class ClaimSerializer(serializers.Serializer[Any]):
    visitor_token = serializers.CharField(max_length=200)
