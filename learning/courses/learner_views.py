"""The API of who takes courses: enrolments, ratings, certificates, and how far somebody is."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from learning.courses import selectors, services
from learning.courses.course_views import TAG
from learning.courses.learner_serializers import (
    CertificateSerializer,
    CourseEnrolmentSerializer,
    EnrolmentQuerySerializer,
    EnrolSerializer,
    LearnerSerializer,
    VerifiedCertificateSerializer,
)
from learning.courses.serializers import CourseRatingSerializer
from learning.courses.statistics import learner_figures
from learning.models import Certificate, Enrolment, Rating
from users.permissions import IsAdmin, caller
from users.selectors import account_by_login
from utils.errors import InvalidInput
from utils.openapi import problems
from utils.serializers import valid


class CourseEnrol(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="courses_enrol",
        summary="Take a course",
        request=None,
        responses={200: CourseEnrolmentSerializer, **problems(401, 404, 409)},
    )
    def post(self, request: Request, course_id: int) -> Response:
        """Again is no harm; who had left goes on from where they were. A course with a price is refused: an admin
        enrols who has paid."""
        user = caller(request)
        course = selectors.course_get(viewer=user, course_id=course_id)
        return Response(CourseEnrolmentSerializer(services.course_enrol(user=user, course=course)).data)


class CourseLeave(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="courses_leave",
        summary="Take a course no longer",
        request=None,
        responses={204: None, **problems(401, 404)},
    )
    def post(self, request: Request, course_id: int) -> Response:
        """What was completed is kept. A course that is withdrawn can be left too."""
        user = caller(request)
        services.course_leave(user=user, course=selectors.course_taken(user=user, course_id=course_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CourseEnrolments(APIView):
    permission_classes = (IsAuthenticated, IsAdmin)

    @extend_schema(
        tags=TAG,
        operation_id="course_enrolments_create",
        summary="Enrol somebody in a course",
        request=EnrolSerializer,
        responses={200: CourseEnrolmentSerializer, **problems(400, 401, 403, 404, 409, 415)},
        examples=[OpenApiExample("Somebody", {"username": "ada"}, request_only=True)],
    )
    def post(self, request: Request, course_id: int) -> Response:
        """Such as who has paid for it."""
        course = selectors.course_get(viewer=caller(request), course_id=course_id)
        user = account_by_login(valid(EnrolSerializer(data=request.data))["username"])
        if user is None or not user.is_active:
            told = "No account has this name."
            raise InvalidInput(told, errors={"username": [told]})
        return Response(
            CourseEnrolmentSerializer(services.course_enrol(user=user, course=course, actor=caller(request))).data
        )


class EnrolmentList(generics.ListAPIView[Enrolment]):
    serializer_class = CourseEnrolmentSerializer

    def get_queryset(self) -> Any:
        asked = valid(EnrolmentQuerySerializer(data=self.request.query_params)).get("status")
        found = selectors.enrolments_of(caller(self.request))
        return found.filter(status=asked) if asked else found

    @extend_schema(
        tags=TAG,
        operation_id="enrolments_list",
        summary="The courses that one takes, with progress",
        parameters=[EnrolmentQuerySerializer],
        responses={200: CourseEnrolmentSerializer(many=True), **problems(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first."""
        return super().get(request, *args, **kwargs)


class RatingList(generics.ListAPIView[Rating]):
    serializer_class = CourseRatingSerializer

    def get_queryset(self) -> Any:
        course = selectors.course_get(viewer=caller(self.request), course_id=self.kwargs["course_id"])
        return selectors.ratings_of(course)

    @extend_schema(
        tags=TAG,
        operation_id="ratings_list",
        summary="What members think of a course",
        responses={200: CourseRatingSerializer(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Without names, the latest first."""
        return super().get(request, *args, **kwargs)


class OwnRating(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="rating_give",
        summary="Rate a course",
        request=CourseRatingSerializer,
        responses={200: CourseRatingSerializer, **problems(400, 401, 404, 409, 415)},
        examples=[OpenApiExample("Four stars", {"stars": 4, "comment": "Good examples."}, request_only=True)],
    )
    def put(self, request: Request, course_id: int) -> Response:
        """Of members one rating each, in the place of what they gave before."""
        course = selectors.course_get(viewer=caller(request), course_id=course_id)
        data = valid(CourseRatingSerializer(data=request.data))
        return Response(CourseRatingSerializer(services.rating_give(user=caller(request), course=course, **data)).data)

    @extend_schema(
        tags=TAG,
        operation_id="rating_withdraw",
        summary="Withdraw one's rating",
        responses={204: None, **problems(401, 404)},
    )
    def delete(self, request: Request, course_id: int) -> Response:
        course = selectors.course_get(viewer=caller(request), course_id=course_id)
        services.rating_withdraw(user=caller(request), course=course)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CertificateList(generics.ListAPIView[Certificate]):
    serializer_class = CertificateSerializer

    def get_queryset(self) -> Any:
        return selectors.certificates_of(caller(self.request))

    @extend_schema(
        tags=TAG,
        operation_id="certificates_list",
        summary="One's own certificates",
        responses={200: CertificateSerializer(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class CertificateVerify(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=TAG,
        operation_id="certificates_verify",
        summary="Verify a certificate",
        responses={200: VerifiedCertificateSerializer, **problems(404)},
    )
    def get(self, request: Request, certificate_id: UUID) -> Response:
        """For whoever was given its id: which course was completed and when, and of its holder only a hint."""
        found = selectors.certificate_get(certificate_id=certificate_id)
        return Response(VerifiedCertificateSerializer(found).data)


class LearnerDetail(APIView):
    @extend_schema(
        tags=TAG,
        operation_id="learner_read",
        summary="One's own level, points and days in a row",
        responses={200: LearnerSerializer, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        return Response(LearnerSerializer(learner_figures(caller(request))).data)
