"""The API of courses."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from learning.courses import selectors, services
from learning.courses.catalogue import courses_found, shown, with_figures
from learning.courses.serializers import (
    CourseDetailSerializer,
    CourseQuerySerializer,
    CourseSerializer,
    CourseWriteSerializer,
)
from learning.models import Course
from learning.permissions import IsTeacher
from users.models import User
from users.permissions import IsAdmin, caller
from utils.openapi import problems
from utils.serializers import valid

TAG = ["Courses"]
_EXAMPLE = OpenApiExample(
    "A course",
    {"title": "Python from the start", "category": "Programming", "difficulty": "easy", "price": "49.00"},
    request_only=True,
)


class TeacherWrites(APIView):
    """Everybody reads what they see; only who teaches writes."""

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.request.method in ("GET", "HEAD") else [IsAuthenticated(), IsTeacher()]


def course_told(course: Course, viewer: User) -> dict[str, Any]:
    """A course with its parts, as the viewer sees it."""
    found = with_figures(Course.objects.filter(pk=course.pk).prefetch_related(selectors.OUTLINE)).get()
    context = {**as_seen_by(viewer, found), "enrolment": selectors.enrolments_of(viewer).filter(course=course).first()}
    told: dict[str, Any] = CourseDetailSerializer(found, context=context).data
    return told


def as_seen_by(viewer: User, course: Course) -> dict[str, Any]:
    """The context of serializers that tell what is in a course."""
    return {"open": selectors.may_see_inside(viewer=viewer, course=course)}


class CourseList(TeacherWrites, generics.ListAPIView[Course]):
    serializer_class = CourseSerializer

    def get_queryset(self) -> Any:
        asked = valid(CourseQuerySerializer(data=self.request.query_params))
        return courses_found(viewer=caller(self.request), **asked).only("pk")

    def paginate_queryset(self, queryset: Any) -> Any:
        return shown(super().paginate_queryset(queryset) or ())

    @extend_schema(
        tags=TAG,
        operation_id="courses_list",
        summary="Courses",
        parameters=[CourseQuerySerializer],
        responses={200: CourseSerializer(many=True), **problems(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The approved ones, and one's own drafts; admins see all."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAG,
        operation_id="courses_create",
        summary="Make a course",
        request=CourseWriteSerializer,
        responses={201: CourseDetailSerializer, **problems(400, 401, 403, 415)},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """A draft, which an admin approves."""
        actor = caller(request)
        data = valid(CourseWriteSerializer(data=request.data, context={"actor": actor}))
        course = services.course_save(actor=actor, course=Course(), **{"instructor": actor, **data})
        return Response(course_told(course, actor), status=status.HTTP_201_CREATED)


class CourseDetail(TeacherWrites):
    @extend_schema(
        tags=TAG,
        operation_id="courses_retrieve",
        summary="One course with its modules, topics and videos",
        responses={200: CourseDetailSerializer, **problems(401, 404)},
    )
    def get(self, request: Request, course_id: int) -> Response:
        viewer = caller(request)
        return Response(course_told(selectors.course_get(viewer=viewer, course_id=course_id), viewer))

    @extend_schema(
        tags=TAG,
        operation_id="courses_update",
        summary="Change a course",
        request=CourseWriteSerializer,
        responses={200: CourseDetailSerializer, **problems(400, 401, 403, 404, 415)},
        examples=[_EXAMPLE],
    )
    def patch(self, request: Request, course_id: int) -> Response:
        actor = caller(request)
        course = selectors.course_managed(viewer=actor, course_id=course_id)
        data = valid(CourseWriteSerializer(course, data=request.data, partial=True, context={"actor": actor}))
        return Response(course_told(services.course_save(actor=actor, course=course, **data), actor))

    @extend_schema(
        tags=TAG,
        operation_id="courses_delete",
        summary="Delete a course",
        responses={204: None, **problems(401, 403, 404, 409)},
    )
    def delete(self, request: Request, course_id: int) -> Response:
        """With its material and its members' progress, but not their certificates. A course with members is deleted by
        admins only."""
        course = selectors.course_managed(viewer=caller(request), course_id=course_id)
        services.course_delete(actor=caller(request), course=course)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CourseApprove(APIView):
    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(
        tags=TAG,
        operation_id="courses_approve",
        summary="Let everybody see a course",
        request=None,
        responses={200: CourseDetailSerializer, **problems(401, 403, 404)},
    )
    def post(self, request: Request, course_id: int) -> Response:
        course = selectors.course_managed(viewer=caller(request), course_id=course_id)
        return Response(course_told(services.course_approve(actor=caller(request), course=course), caller(request)))


class CourseWithdraw(APIView):
    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(
        tags=TAG,
        operation_id="courses_withdraw",
        summary="Make a course a draft again",
        request=None,
        responses={200: CourseDetailSerializer, **problems(401, 403, 404)},
    )
    def post(self, request: Request, course_id: int) -> Response:
        """Its members stay enrolled, but see neither it nor its material until it is approved again."""
        course = selectors.course_managed(viewer=caller(request), course_id=course_id)
        return Response(course_told(services.course_withdraw(actor=caller(request), course=course), caller(request)))
