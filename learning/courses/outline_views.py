"""The API of what courses are made of. Readers see it with the course; here it is made, changed and put in order."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from learning.courses import outline, selectors
from learning.courses.course_views import TAG, TeacherWrites, as_seen_by
from learning.courses.serializers import (
    ModuleOutlineSerializer,
    ModuleSerializer,
    OrderSerializer,
    TopicSerializer,
    VideoSerializer,
)
from learning.models import Module, Topic, Video
from learning.permissions import IsTeacher
from users.permissions import caller
from utils.openapi import problems
from utils.serializers import valid

_ORDER = OpenApiExample("The other way round", {"ids": [2, 1]}, request_only=True)
_TOPIC = OpenApiExample(
    "A topic",
    {"title": "Loops", "learning_objectives": ["Repeat a step with a for loop", "Leave a loop early"]},
    request_only=True,
)
_VIDEO = OpenApiExample(
    "A video",
    {"title": "Loops in five minutes", "url": "https://videos.example.org/loops", "duration_seconds": 312},
    request_only=True,
)
_READ = problems(401, 403, 404)
_WRITE = problems(400, 401, 403, 404, 409, 415)


class TeacherView(APIView):
    """For whoever looks after the course; to others there is no such part."""

    permission_classes = (IsAuthenticated, IsTeacher)


class ModuleList(TeacherWrites):
    @extend_schema(
        tags=TAG,
        operation_id="modules_list",
        summary="The modules of a course with all that is in them",
        responses={200: ModuleOutlineSerializer(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, course_id: int) -> Response:
        viewer = caller(request)
        course = selectors.course_get(viewer=viewer, course_id=course_id)
        told = ModuleOutlineSerializer(selectors.outline_of(course), many=True, context=as_seen_by(viewer, course))
        return Response(told.data)

    @extend_schema(
        tags=TAG,
        operation_id="modules_create",
        summary="Add a module to a course",
        request=ModuleSerializer,
        responses={201: ModuleSerializer, **_WRITE},
        examples=[OpenApiExample("A module", {"title": "The basics"}, request_only=True)],
    )
    def post(self, request: Request, course_id: int) -> Response:
        course = selectors.course_managed(viewer=caller(request), course_id=course_id)
        data = valid(ModuleSerializer(data=request.data))
        made = outline.part_save(actor=caller(request), part=Module(course=course), **data)
        return Response(ModuleSerializer(made).data, status=status.HTTP_201_CREATED)


class ModuleOrder(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="modules_order",
        summary="Put the modules of a course in another order",
        request=OrderSerializer,
        responses={204: None, **_WRITE},
        examples=[_ORDER],
    )
    def post(self, request: Request, course_id: int) -> Response:
        course = selectors.course_managed(viewer=caller(request), course_id=course_id)
        outline.parts_order(actor=caller(request), parent=course, **valid(OrderSerializer(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ModuleDetail(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="modules_update",
        summary="Change a module",
        request=ModuleSerializer,
        responses={200: ModuleSerializer, **_WRITE},
    )
    def patch(self, request: Request, module_id: int) -> Response:
        module = selectors.module_managed(viewer=caller(request), module_id=module_id)
        data = valid(ModuleSerializer(module, data=request.data, partial=True))
        return Response(ModuleSerializer(outline.part_save(actor=caller(request), part=module, **data)).data)

    @extend_schema(
        tags=TAG,
        operation_id="modules_delete",
        summary="Delete a module with its topics",
        responses={204: None, **_READ},
    )
    def delete(self, request: Request, module_id: int) -> Response:
        """How far the members are is reckoned anew."""
        module = selectors.module_managed(viewer=caller(request), module_id=module_id)
        outline.part_delete(actor=caller(request), part=module)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TopicList(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="topics_create",
        summary="Add a topic to a module",
        request=TopicSerializer,
        responses={201: TopicSerializer, **_WRITE},
        examples=[_TOPIC],
    )
    def post(self, request: Request, module_id: int) -> Response:
        """How far the members are is reckoned anew; who has completed the course stays so."""
        module = selectors.module_managed(viewer=caller(request), module_id=module_id)
        data = valid(TopicSerializer(data=request.data))
        made = outline.part_save(actor=caller(request), part=Topic(module=module), **data)
        return Response(TopicSerializer(made).data, status=status.HTTP_201_CREATED)


class TopicOrder(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="topics_order",
        summary="Put the topics of a module in another order",
        request=OrderSerializer,
        responses={204: None, **_WRITE},
        examples=[_ORDER],
    )
    def post(self, request: Request, module_id: int) -> Response:
        module = selectors.module_managed(viewer=caller(request), module_id=module_id)
        outline.parts_order(actor=caller(request), parent=module, **valid(OrderSerializer(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TopicDetail(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="topics_retrieve",
        summary="One topic as its teacher sees it",
        responses={200: TopicSerializer, **_READ},
    )
    def get(self, request: Request, topic_id: int) -> Response:
        return Response(TopicSerializer(selectors.topic_managed(viewer=caller(request), topic_id=topic_id)).data)

    @extend_schema(
        tags=TAG,
        operation_id="topics_update",
        summary="Change a topic",
        request=TopicSerializer,
        responses={200: TopicSerializer, **_WRITE},
        examples=[_TOPIC],
    )
    def patch(self, request: Request, topic_id: int) -> Response:
        topic = selectors.topic_managed(viewer=caller(request), topic_id=topic_id)
        data: Any = valid(TopicSerializer(topic, data=request.data, partial=True))
        return Response(TopicSerializer(outline.part_save(actor=caller(request), part=topic, **data)).data)

    @extend_schema(
        tags=TAG, operation_id="topics_delete", summary="Delete a topic with its videos", responses={204: None, **_READ}
    )
    def delete(self, request: Request, topic_id: int) -> Response:
        """How far the members are is reckoned anew."""
        topic = selectors.topic_managed(viewer=caller(request), topic_id=topic_id)
        outline.part_delete(actor=caller(request), part=topic)
        return Response(status=status.HTTP_204_NO_CONTENT)


class VideoList(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="videos_create",
        summary="Add a video to a topic",
        request=VideoSerializer,
        responses={201: VideoSerializer, **_WRITE},
        examples=[_VIDEO],
    )
    def post(self, request: Request, topic_id: int) -> Response:
        topic = selectors.topic_managed(viewer=caller(request), topic_id=topic_id)
        data = valid(VideoSerializer(data=request.data))
        made = outline.part_save(actor=caller(request), part=Video(topic=topic), **data)
        return Response(VideoSerializer(made).data, status=status.HTTP_201_CREATED)


class VideoOrder(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="videos_order",
        summary="Put the videos of a topic in another order",
        request=OrderSerializer,
        responses={204: None, **_WRITE},
        examples=[_ORDER],
    )
    def post(self, request: Request, topic_id: int) -> Response:
        topic = selectors.topic_managed(viewer=caller(request), topic_id=topic_id)
        outline.parts_order(actor=caller(request), parent=topic, **valid(OrderSerializer(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class VideoDetail(TeacherView):
    @extend_schema(
        tags=TAG,
        operation_id="videos_update",
        summary="Change a video",
        request=VideoSerializer,
        responses={200: VideoSerializer, **_WRITE},
        examples=[_VIDEO],
    )
    def patch(self, request: Request, video_id: int) -> Response:
        video = selectors.video_managed(viewer=caller(request), video_id=video_id)
        data = valid(VideoSerializer(video, data=request.data, partial=True))
        return Response(VideoSerializer(outline.part_save(actor=caller(request), part=video, **data)).data)

    @extend_schema(tags=TAG, operation_id="videos_delete", summary="Delete a video", responses={204: None, **_READ})
    def delete(self, request: Request, video_id: int) -> Response:
        video = selectors.video_managed(viewer=caller(request), video_id=video_id)
        outline.part_delete(actor=caller(request), part=video)
        return Response(status=status.HTTP_204_NO_CONTENT)
