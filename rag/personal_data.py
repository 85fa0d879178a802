"""Questions that the knowledge base could not answer, in the words of whoever asked them first."""

from collections.abc import Iterable

from rag.gaps import gaps_of
from users.models import User
from users.personal_data.base import Part, PersonalData
from utils.remembering import forget


class QuestionData(PersonalData):
    def export(self, user: User) -> Iterable[Part]:
        gaps = gaps_of(user).order_by("first_asked")
        yield "unanswered_questions", gaps.values("question", "first_asked").iterator()

    def erase(self, user: User) -> None:
        gaps_of(user).delete()

    def erase_outside(self) -> None:
        """Kept answers hold what was asked, and do not say by whom: all of them go. They are made anew."""
        forget("answer", "question")
