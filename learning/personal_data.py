"""What learners have taken, completed and thought. Their courses as teachers are the organisation's and stay."""

from collections.abc import Iterable

from learning.models import (
    Certificate,
    Course,
    Enrolment,
    Insight,
    Interaction,
    Learner,
    Preferences,
    Rating,
    TopicCompletion,
)
from users.models import User
from users.personal_data.base import Part, PersonalData
from utils.remembering import forget

_INTERACTION = """
    agent video_id topic_id output model prompt_tokens completion_tokens duration_ms cached at chosen correct
    answered_at rating
""".split()


class LearningData(PersonalData):
    models = frozenset(
        {
            "learning.Certificate",
            "learning.Course",
            "learning.Enrolment",
            "learning.Insight",
            "learning.Interaction",
            "learning.Learner",
            "learning.Preferences",
            "learning.Rating",
            "learning.TopicCompletion",
        }
    )

    def export(self, user: User) -> Iterable[Part]:
        learner = Learner.objects.filter(user=user)
        yield "learner", learner.values("tier", "xp", "streak_days", "longest_streak_days", "active_on").iterator()
        taught = Course.objects.filter(instructor=user).order_by("pk")
        yield "courses_taught", taught.values("id", "title", "state", "created_at").iterator()
        enrolments = Enrolment.objects.filter(user=user).order_by("enrolled_at")
        told = ("course_id", "course__title", "status", "progress", "enrolled_at", "completed_at")
        yield "enrolments", enrolments.values(*told).iterator()
        completed = TopicCompletion.objects.filter(enrolment__user=user).order_by("at")
        yield "topics_completed", completed.values("topic_id", "topic__title", "score", "at").iterator()
        ratings = Rating.objects.filter(user=user).order_by("at")
        yield "course_ratings", ratings.values("course_id", "stars", "comment", "at").iterator()
        certificates = Certificate.objects.filter(user=user).order_by("issued_at")
        yield "certificates", certificates.values("id", "course_title", "issued_at").iterator()
        spoken_to = Preferences.objects.filter(user=user)
        yield "learning_preferences", spoken_to.values("personality", "length", "quiz_frequency", "language").iterator()
        answers = Interaction.objects.filter(user=user).order_by("at")
        yield "agent_interactions", answers.values(*_INTERACTION).iterator()
        insights = Insight.objects.filter(user=user).order_by("at")
        kept = ("kind", "subject", "course_id", "topic_id", "figures", "at", "dismissed_at")
        yield "insights", insights.values(*kept).iterator()

    def erase(self, user: User) -> None:
        for model in (Certificate, Enrolment, Rating, Insight, Interaction, Preferences, Learner):
            model._default_manager.filter(user=user).delete()
        Course.objects.filter(instructor=user).update(instructor=None)
        forget("agent")  # whose words a kept reply was made of, nobody knows any more
