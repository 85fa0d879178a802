"""What became of the agents' answers, and how learners want to be spoken to."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from learning.agents import selectors, services
from learning.agents.serializers import (
    InteractionSerializer,
    PreferencesSerializer,
    QuizAnswerSerializer,
    QuizOutcomeSerializer,
    RatingSerializer,
)
from learning.agents.views import TAGS
from learning.agents.voice import preferences_of
from learning.models import Interaction
from users.permissions import caller
from utils.openapi import problems
from utils.serializers import valid


class InteractionList(generics.ListAPIView[Interaction]):
    serializer_class = InteractionSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Interaction.objects.none()
        return selectors.interactions_of(caller(self.request))

    @extend_schema(
        tags=TAGS,
        operation_id="agents_interactions_list",
        summary="What the agents have answered you",
        responses={200: InteractionSerializer(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first."""
        return super().get(request, *args, **kwargs)


class QuizAnswer(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="agents_quiz_answer",
        summary="Answer a quiz",
        request=QuizAnswerSerializer,
        responses={200: QuizOutcomeSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, interaction_id: int) -> Response:
        """The first answer counts: insights rest on it. Another one later: 409 `answered_already`."""
        interaction = selectors.interaction_get(user=caller(request), interaction_id=interaction_id)
        chosen = valid(QuizAnswerSerializer(data=request.data))["chosen"]
        answered = services.quiz_answer(interaction=interaction, chosen=chosen)
        return Response(QuizOutcomeSerializer(answered).data)


class InteractionRating(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="agents_interaction_rate",
        summary="Say whether an agent helped",
        request=RatingSerializer,
        responses={200: InteractionSerializer, **problems(400, 401, 404)},
    )
    def post(self, request: Request, interaction_id: int) -> Response:
        interaction = selectors.interaction_get(user=caller(request), interaction_id=interaction_id)
        rating = valid(RatingSerializer(data=request.data))["rating"] or ""
        return Response(InteractionSerializer(services.interaction_rate(interaction=interaction, rating=rating)).data)


class PreferencesDetail(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="preferences_read",
        summary="How the agents speak to you",
        responses={200: PreferencesSerializer, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        return Response(PreferencesSerializer(preferences_of(caller(request))).data)

    @extend_schema(
        tags=TAGS,
        operation_id="preferences_update",
        summary="Change how the agents speak to you",
        request=PreferencesSerializer,
        responses={200: PreferencesSerializer, **problems(400, 401)},
    )
    def patch(self, request: Request) -> Response:
        """`quiz_frequency` is for the player: who asks for a quiz gets it."""
        user = caller(request)
        given = valid(PreferencesSerializer(preferences_of(user), data=request.data, partial=True))
        return Response(PreferencesSerializer(services.preferences_update(user=user, **given)).data)
