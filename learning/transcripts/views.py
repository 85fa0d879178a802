"""Transcripts over HTTP: taking them in, their versions, and searching what is said in a video."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from learning.courses.selectors import video_managed
from learning.models import Transcript, Video
from learning.permissions import IsTeacher
from learning.transcripts import selectors, services
from learning.transcripts.reading import Said, said_in_file, said_in_segments, said_in_text
from learning.transcripts.searching import video_search
from learning.transcripts.serializers import (
    TranscriptFileSerializer,
    TranscriptSerializer,
    TranscriptTextSerializer,
    VideoSearchQuerySerializer,
    VideoSearchSerializer,
)
from users.permissions import caller
from utils.openapi import problems
from utils.parsers import JSONParser
from utils.serializers import valid

TAGS = ["Transcripts"]


def _said(request: Request, video: Video) -> Said:
    if request.content_type.startswith("multipart/"):
        file = valid(TranscriptFileSerializer(data=request.data))["file"]
        return said_in_file(file.read(), file.name or "", duration=video.duration_seconds)
    given = valid(TranscriptTextSerializer(data=request.data))
    if "segments" in given:
        return said_in_segments(given["segments"])
    return said_in_text(given["text"], duration=video.duration_seconds)


class TranscriptList(generics.ListAPIView[Transcript]):
    permission_classes = (IsAuthenticated, IsTeacher)
    parser_classes = (JSONParser, MultiPartParser)
    serializer_class = TranscriptSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Transcript.objects.none()
        return selectors.transcripts_of(video_managed(viewer=caller(self.request), video_id=self.kwargs["video_id"]))

    @extend_schema(
        tags=TAGS,
        operation_id="transcripts_list",
        summary="Versions of a video's transcript",
        responses={200: TranscriptSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first, for who looks after the course."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        operation_id="transcripts_create",
        summary="Hand in a transcript",
        request={"application/json": TranscriptTextSerializer, "multipart/form-data": TranscriptFileSerializer},
        responses={
            202: TranscriptSerializer,
            200: TranscriptSerializer,
            **problems(400, 401, 403, 404, 409, 413, 415, 422),
        },
        examples=[
            OpenApiExample(
                "Segments",
                {"segments": [{"start": 0, "end": 4.2, "text": "A binary search needs a sorted list."}]},
                request_only=True,
                media_type="application/json",
            ),
            OpenApiExample(
                "SRT as text",
                {"text": "1\n00:00:00,000 --> 00:00:04,200\nA binary search needs a sorted list.\n"},
                request_only=True,
                media_type="application/json",
            ),
        ],
    )
    def post(self, request: Request, video_id: int) -> Response:
        """A worker indexes it; then members find it and are answered from it. What is known already: 200."""
        video = video_managed(viewer=caller(request), video_id=video_id)
        transcript, new = services.transcript_submit(actor=caller(request), video=video, said=_said(request, video))
        told = TranscriptSerializer(selectors.transcript_numbered(video, transcript.version.number)).data
        return Response(told, status=status.HTTP_202_ACCEPTED if new else status.HTTP_200_OK)

    @extend_schema(
        tags=TAGS,
        operation_id="transcripts_delete",
        summary="Remove a video's transcript",
        responses={204: None, **problems(401, 403, 404, 409)},
    )
    def delete(self, request: Request, video_id: int) -> Response:
        """All versions of it. To remove what is not there is no harm."""
        video = video_managed(viewer=caller(request), video_id=video_id)
        services.transcripts_delete(actor=caller(request), videos=[video])
        return Response(status=status.HTTP_204_NO_CONTENT)


class TranscriptPublish(APIView):
    permission_classes = (IsAuthenticated, IsTeacher)

    @extend_schema(
        tags=TAGS,
        operation_id="transcripts_publish",
        summary="Roll back to an older transcript",
        request=None,
        responses={200: TranscriptSerializer, **problems(401, 403, 404, 409, 503)},
    )
    def post(self, request: Request, video_id: int, number: int) -> Response:
        """This version is searched and answered from, from now on."""
        video = video_managed(viewer=caller(request), video_id=video_id)
        transcript = selectors.transcript_numbered(video, number)
        services.transcript_publish(actor=caller(request), transcript=transcript)
        return Response(TranscriptSerializer(selectors.transcript_numbered(video, number)).data)


class VideoSearch(APIView):
    @extend_schema(
        tags=TAGS,
        operation_id="video_search",
        summary="Search what is said in a video",
        parameters=[VideoSearchQuerySerializer],
        responses={200: VideoSearchSerializer, **problems(400, 401, 404)},
    )
    def get(self, request: Request, video_id: int) -> Response:
        """The passages that fit best, with their times, for members of the course and who looks after it."""
        asked = valid(VideoSearchQuerySerializer(data=request.query_params))
        video = selectors.video_watched(viewer=caller(request), video_id=video_id)
        transcript = selectors.transcript_get(video)
        body = {
            "query": asked["q"],
            "video_id": video.pk,
            "version": transcript.version.number,
            "estimated": transcript.estimated,
            "results": video_search(transcript=transcript, query=asked["q"], top_k=asked["top_k"]),
        }
        return Response(VideoSearchSerializer(body).data)
