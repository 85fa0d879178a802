"""What users think of an answer."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import selectors, services
from chat.asking_views import TAG
from chat.serializers import FeedbackSerializer, MessageSerializer
from users.permissions import caller
from utils.openapi import problems
from utils.serializers import valid


class MessageFeedback(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="chat_messages_feedback",
        summary="Say whether an answer helped",
        request=FeedbackSerializer,
        responses={200: MessageSerializer, **problems(400, 401, 404, 409)},
        examples=[
            OpenApiExample(
                "It did not", {"feedback": "not_helpful", "comment": "The price is last year's."}, request_only=True
            ),
        ],
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """In the place of what was said before. Editors read it with question and answer, not whose it is."""
        answer = selectors.answer_get(user=caller(request), message_id=message_id)
        said = valid(FeedbackSerializer(data=request.data))
        return Response(MessageSerializer(services.feedback_give(answer=answer, **said)).data)
