"""What a model is told of whoever asks: how to serve their role, and what they take or teach.

The rules are ours. The rest is data, since titles come from people: it stands in a fence, as a question does.
"""

from learning.courses.levels import level_of
from learning.courses.selectors import enrolments_of, learner_of
from learning.models import Course, EnrolmentStatus
from learning.tools.telling import line
from rag.tooling import Context
from users.models import Role, User

_LEARNER = (
    "- The user is a learner. What they ask of their own courses and progress, my_enrolments and my_progress know."
)
_GUIDANCE: dict[str, str] = {
    Role.TEACHER: "- The user is a teacher. Of their own courses my_course_statistics gives aggregates; never tell or "
    "guess anything of a single student, and never work out numbers that it does not give.",
    Role.EDITOR: "- The user is an editor, who looks after the documents.",
    Role.ADMIN: "- The user is an admin. They may ask for the figures of the platform, and of any student or teacher.",
}
_SHOWN = 5


def context_of(user: User) -> Context:
    """By at most three queries."""
    active = enrolments_of(user).filter(status=EnrolmentStatus.ACTIVE)[:_SHOWN]
    told = [f"Role: {user.role}", f"Level: {level_of(learner_of(user).xp)}"]
    told += [f"Takes: {line(one.course.title)} ({one.progress} %)" for one in active]
    if user.role in (Role.TEACHER, Role.ADMIN):
        taught = Course.objects.filter(instructor=user).order_by("-created_at", "-id")
        told += [f"Teaches: {line(title)}" for title in taught.values_list("title", flat=True)[:_SHOWN]]
    return Context(_GUIDANCE.get(user.role, _LEARNER), "\n".join(told))
