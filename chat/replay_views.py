"""The editors' API: what an answer was made of."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.replay_serializers import ReplaySerializer
from chat.replaying import answer_replay
from users.permissions import IsEditor
from utils.openapi import problems


class MessageReplay(APIView):
    permission_classes = (IsAuthenticated, IsEditor)

    @extend_schema(
        tags=["Chat"],
        operation_id="chat_messages_replay",
        summary="What an answer was made of",
        responses={200: ReplaySerializer, **problems(401, 403, 404, 409)},
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        """For editors, of anybody's answer: passages, versions, scores, prompt hash, model, and what changed since.

        The search is done again as of then. Nothing else of the conversation is shown.
        """
        return Response(ReplaySerializer(answer_replay(message_id=message_id)).data)
