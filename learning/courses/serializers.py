"""Courses as JSON."""

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field

from learning.courses.catalogue import Sort, in_steps
from learning.models import Course, CourseState, Difficulty, Module, Rating, Topic, Video
from users.models import Role, User
from users.selectors import account_by_login
from utils import serializers

_BIGGEST = Decimal("9999999.99")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^\d{1,7}(\.\d{1,2})?$", "example": "49.00"},
            {"type": "number", "minimum": 0, "maximum": float(_BIGGEST), "multipleOf": 0.01},
        ]
    }
)
class PriceField(serializers.DecimalField):
    """In the organisation's own currency. As a text it is told, and taken as that or as a number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=2, min_value=Decimal(0), max_value=_BIGGEST, **kwargs)


class VideoSerializer(serializers.ModelSerializer[Video]):
    url = serializers.URLField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="Told to the members of a course that has a price only, else empty.",
    )

    class Meta:
        model = Video
        fields: ClassVar[list[str]] = ["id", "title", "url", "duration_seconds", "position"]
        read_only_fields: ClassVar[list[str]] = ["position"]
        extra_kwargs: ClassVar[dict[str, Any]] = {"duration_seconds": {"max_value": 1_000_000, "min_value": 0}}

    def to_representation(self, instance: Video) -> dict[str, Any]:
        told = super().to_representation(instance)
        return told if self.context.get("open", True) else {**told, "url": ""}


class TopicSerializer(serializers.ModelSerializer[Topic]):
    """As whoever teaches it sees it."""

    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    learning_objectives = serializers.ListField(
        child=serializers.CharField(max_length=500),
        max_length=50,
        required=False,
        help_text="What whoever has mastered it can do.",
    )
    prompt_template = serializers.CharField(
        max_length=20_000,
        required=False,
        allow_blank=True,
        help_text="What the tutor is told besides. Only whoever looks after the course sees it.",
    )

    class Meta:
        model = Topic
        fields: ClassVar[list[str]] = [
            "id",
            "title",
            "description",
            "learning_objectives",
            "prompt_template",
            "position",
        ]
        read_only_fields: ClassVar[list[str]] = ["position"]


class TopicOutlineSerializer(TopicSerializer):
    videos = VideoSerializer(many=True, read_only=True)

    class Meta(TopicSerializer.Meta):
        fields: ClassVar[list[str]] = ["id", "title", "description", "learning_objectives", "position", "videos"]


class ModuleSerializer(serializers.ModelSerializer[Module]):
    class Meta:
        model = Module
        fields: ClassVar[list[str]] = ["id", "title", "position"]
        read_only_fields: ClassVar[list[str]] = ["position"]


class ModuleOutlineSerializer(ModuleSerializer):
    topics = TopicOutlineSerializer(many=True, read_only=True)

    class Meta(ModuleSerializer.Meta):
        fields: ClassVar[list[str]] = [*ModuleSerializer.Meta.fields, "topics"]


class OrderSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=200, help_text="Each once, in the new order."
    )


class CourseSerializer(serializers.ModelSerializer[Course]):
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    price = PriceField(required=False, help_text="In the organisation's own currency; 0: free.")
    instructor = serializers.CharField(
        max_length=254,
        source="instructor.username",
        default=None,
        allow_null=True,
        help_text="A user name; None once the account is gone. Only admins choose it; else it is whoever makes it.",
    )
    rating = serializers.SerializerMethodField(help_text="The mean of its ratings, 1 to 5.")
    ratings_given = serializers.IntegerField(read_only=True, default=0)
    members = serializers.SerializerMethodField(help_text="In steps of five, rounded down.")

    class Meta:
        model = Course
        fields: ClassVar[list[str]] = [
            "id",
            "title",
            "description",
            "category",
            "difficulty",
            "price",
            "state",
            "instructor",
            "rating",
            "ratings_given",
            "members",
            "created_at",
            "updated_at",
        ]
        read_only_fields: ClassVar[list[str]] = ["state"]

    def get_rating(self, course: Course) -> float | None:
        mean = getattr(course, "rating", None)
        return None if mean is None else round(float(mean), 2)

    def get_members(self, course: Course) -> int:
        return in_steps(getattr(course, "members", 0))


class CourseWriteSerializer(CourseSerializer):
    instructor = serializers.CharField(
        max_length=254, required=False, help_text="The user name of a teacher or an admin; for admins only."
    )

    class Meta(CourseSerializer.Meta):
        fields: ClassVar[list[str]] = ["title", "description", "category", "difficulty", "price", "instructor"]

    def validate_instructor(self, name: str) -> User:
        if self.context["actor"].role != Role.ADMIN:
            raise serializers.ValidationError("Only admins choose who teaches a course.")
        user = account_by_login(name)
        if user is None or user.role not in (Role.TEACHER, Role.ADMIN):
            raise serializers.ValidationError("No teacher has this user name.")
        return user


class OwnEnrolmentSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
    progress = serializers.IntegerField(help_text="Per cent of the topics.")


class CourseDetailSerializer(CourseSerializer):
    modules = ModuleOutlineSerializer(many=True, read_only=True)
    enrolment = serializers.SerializerMethodField(help_text="The caller's own.")

    class Meta(CourseSerializer.Meta):
        fields: ClassVar[list[str]] = [*CourseSerializer.Meta.fields, "enrolment", "modules"]

    @extend_schema_field(OwnEnrolmentSerializer(allow_null=True))
    def get_enrolment(self, course: Course) -> dict[str, Any] | None:
        found = self.context["enrolment"]
        return dict(OwnEnrolmentSerializer(found).data) if found else None


class CourseQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="Words that title, description or category hold.",
    )
    category = serializers.CharField(max_length=100, required=False, allow_blank=True)
    difficulty = serializers.ChoiceField(choices=Difficulty.choices, required=False, allow_blank=True)
    price_min = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=Decimal(0), required=False)
    price_max = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=Decimal(0), required=False)
    instructor = serializers.CharField(max_length=150, required=False, allow_blank=True, help_text="A user name.")
    state = serializers.ChoiceField(
        choices=CourseState.choices, required=False, allow_blank=True, help_text="Drafts are one's own, or an admin's."
    )
    sort = serializers.ChoiceField(choices=Sort.choices, default=Sort.TITLE)


class CourseRatingSerializer(serializers.ModelSerializer[Rating]):
    """Whose it is is not told."""

    comment = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    stars = serializers.IntegerField(min_value=1, max_value=5)

    class Meta:
        model = Rating
        fields: ClassVar[list[str]] = ["stars", "comment", "at"]
