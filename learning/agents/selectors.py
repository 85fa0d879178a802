"""What may be read of what the agents did: each learner their own."""

from datetime import datetime

from django.db.models import QuerySet

from learning.models import Agent, Interaction, Video
from users.models import User
from utils.errors import NotFound

_REMEMBERED = 10


def interactions_of(user: User) -> QuerySet[Interaction]:
    return Interaction.objects.filter(user=user).order_by("-at", "-id")


def interactions_old(before: datetime) -> QuerySet[Interaction]:
    return Interaction.objects.filter(at__lt=before)


def interaction_get(*, user: User, interaction_id: int) -> Interaction:
    """Raises NotFound, for another's too."""
    found = interactions_of(user).filter(pk=interaction_id).first()
    if found is None:
        raise NotFound("No answer of an agent to you has this id.")
    return found


def quizzes_asked(*, user: User, video: Video) -> list[str]:
    """The last questions that the user was asked on a video and has answered: the next one is another."""
    asked = interactions_of(user).filter(agent=Agent.QUIZ, video=video, answered_at__isnull=False)
    return list(asked.values_list("output__question", flat=True)[:_REMEMBERED])
