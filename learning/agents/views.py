"""The agents over HTTP."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.sse import MEDIA_TYPE, EventStreamRenderer
from learning.agents import serializers as forms
from learning.agents import services
from learning.agents.limits import call_take
from learning.agents.sse import EXAMPLE, hint_stream
from learning.courses.selectors import course_get
from learning.models import Agent
from learning.transcripts.selectors import video_watched
from users.permissions import caller
from utils.openapi import EventSerializer, problems
from utils.serializers import valid

TAGS = ["Learning agents"]


class Hint(APIView):
    def get_renderers(self) -> list[Any]:
        return [*super().get_renderers(), EventStreamRenderer()]

    @extend_schema(
        tags=TAGS,
        operation_id="agents_hint",
        summary="A hint for a moment of a video",
        request=forms.HintAskedSerializer,
        responses={
            (200, "application/json"): forms.HintSerializer,
            (200, MEDIA_TYPE): OpenApiResponse(
                EventSerializer,
                "Server-sent events: `sources`, `delta`…, perhaps `restart`, then `done` with the hint, or `error`.",
                examples=[OpenApiExample("Events", EXAMPLE, media_type=MEDIA_TYPE)],
            ),
            **problems(400, 401, 404, 422, 429),
        },
        examples=[
            OpenApiExample("Stuck", {"video_id": 3, "timestamp": 75.5, "user_difficulty": "easy"}, request_only=True)
        ],
    )
    def post(self, request: Request) -> HttpResponseBase:
        """From what is said around that moment, for members of the course and who looks after it.

        It leads to the answer and does not give it away. 20 a minute, and so many a day by subscription.
        """
        asked = valid(forms.HintAskedSerializer(data=request.data))
        user = caller(request)
        video = video_watched(viewer=user, video_id=asked["video_id"])
        headers = call_take(user=user, agent=Agent.HINT)
        hinting = services.hint_begin(
            user=user,
            video=video,
            at=asked["timestamp"],
            segment=asked["transcript_segment"],
            level=asked["user_difficulty"],
        )
        if getattr(request.accepted_renderer, "media_type", "") == MEDIA_TYPE:
            return hint_stream(hinting, headers)
        return Response(forms.HintSerializer(services.hint_make(hinting)).data, headers=headers)


class Quiz(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="agents_quiz",
        summary="A quiz on parts of a video",
        request=forms.QuizAskedSerializer,
        responses={200: forms.QuizSerializer, **problems(400, 401, 404, 422, 429, 502)},
        examples=[
            OpenApiExample(
                "By words and by times",
                {
                    "video_id": 3,
                    "transcript_segments": ["A binary search needs a sorted list.", {"start": 60, "end": 90}],
                    "difficulty_level": "medium",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Four options, of which `correctAnswer` (from 0) is right by what is said there; `sources` holds the words.

        Parts are named by their words, by their times, or by both. 422 `no_quiz` where there is nothing to ask, 502
        where the language model twice wrote something that cannot be used. 15 a minute.
        """
        asked = valid(forms.QuizAskedSerializer(data=request.data))
        user = caller(request)
        video = video_watched(viewer=user, video_id=asked["video_id"])
        headers = call_take(user=user, agent=Agent.QUIZ)
        made = services.quiz_make(
            user=user, video=video, segments=asked["transcript_segments"], level=asked["difficulty_level"]
        )
        return Response(forms.QuizSerializer(made).data, headers=headers)


class Reflect(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="agents_reflect",
        summary="Something to reflect on after a video",
        request=forms.ReflectAskedSerializer,
        responses={200: forms.ReflectionSerializer, **problems(400, 401, 404, 429, 502)},
        examples=[
            OpenApiExample(
                "After a video",
                {
                    "video_id": 3,
                    "completed_topics": ["Binary search"],
                    "learning_objectives": ["Explain why the list must be sorted"],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """A task, three questions that lead to it, and about how long the answer should be."""
        asked = valid(forms.ReflectAskedSerializer(data=request.data))
        user = caller(request)
        video = video_watched(viewer=user, video_id=asked["video_id"])
        headers = call_take(user=user, agent=Agent.REFLECT)
        made = services.reflection_make(
            user=user, video=video, topics=asked["completed_topics"], objectives=asked["learning_objectives"]
        )
        return Response(forms.ReflectionSerializer(made).data, headers=headers)


class Path(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="agents_path",
        summary="What to learn next",
        request=forms.PathAskedSerializer,
        responses={200: forms.PathSerializer, **problems(400, 401, 404, 429, 502)},
        examples=[
            OpenApiExample(
                "Stuck with recursion",
                {
                    "current_course_id": 1,
                    "struggling_concepts": ["recursion"],
                    "completed_concepts": ["loops"],
                    "learning_goals": ["write a parser"],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Recommends topics that there are, of courses that the caller may see, and no others."""
        asked = valid(forms.PathAskedSerializer(data=request.data))
        user = caller(request)
        course = course_get(viewer=user, course_id=asked["current_course_id"])
        headers = call_take(user=user, agent=Agent.PATH)
        made = services.path_make(
            user=user,
            course=course,
            struggles=asked["struggling_concepts"],
            completed=asked["completed_concepts"],
            goals=asked["learning_goals"],
        )
        return Response(forms.PathSerializer(made).data, headers=headers)
