"""Who takes courses, how far they are and what they have reached, as JSON."""

from typing import Any, ClassVar

from learning.models import Certificate, Enrolment, EnrolmentStatus
from users.models import User
from utils import serializers


class EnrolledCourseSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.CharField(help_text="A draft is not to be seen until it is approved again.")


class CourseEnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    course = EnrolledCourseSerializer()

    class Meta:
        model = Enrolment
        fields: ClassVar[list[str]] = ["id", "course", "status", "progress", "enrolled_at", "completed_at"]


class EnrolmentQuerySerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=EnrolmentStatus.choices, required=False, allow_blank=True)


class EnrolSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=254, help_text="Or the e-mail address.")


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    class Meta:
        model = Certificate
        fields: ClassVar[list[str]] = ["id", "course_title", "issued_at"]


class VerifiedCertificateSerializer(CertificateSerializer):
    holder = serializers.SerializerMethodField(
        help_text="Enough to be compared with what the holder says: the first name and an initial, or an initial."
    )

    class Meta(CertificateSerializer.Meta):
        fields: ClassVar[list[str]] = [*CertificateSerializer.Meta.fields, "holder"]

    def get_holder(self, certificate: Certificate) -> str:
        return _hinted(certificate.user)


class LearnerSerializer(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    xp = serializers.IntegerField(help_text="50 for a topic, 200 more for a whole course.")
    next_level_xp = serializers.IntegerField(help_text="The points with which the next level begins.")
    streak_days = serializers.IntegerField(help_text="Days in a row, in UTC, with something completed.")
    longest_streak_days = serializers.IntegerField()
    active_on = serializers.DateField(allow_null=True)
    tier = serializers.CharField()
    courses_active = serializers.IntegerField()
    courses_completed = serializers.IntegerField()
    topics_completed = serializers.IntegerField()


def _hinted(user: User) -> str:
    if user.first_name:
        return f"{user.first_name} {user.last_name[:1]}.".replace(" .", "")
    return f"{user.username[:1]}…"
