"""How an agent speaks: as the learner prefers."""

from dataclasses import dataclass

from learning.models import Length, Personality, Preferences
from users.models import User

_MANNERS = {
    Personality.FRIENDLY: ("warm and encouraging", 0.6),
    Personality.PROFESSIONAL: ("matter-of-fact and precise", 0.2),
    Personality.PEER: ("like a fellow learner, informal, on equal terms", 0.8),
}
_WORDS = {Length.SHORT: 30, Length.MEDIUM: 60, Length.LONG: 110}


@dataclass(frozen=True, slots=True)
class Voice:
    personality: Personality
    length: Length
    language: str
    """Empty: that of the video."""

    @property
    def temperature(self) -> float:
        return _MANNERS[self.personality][1]

    @property
    def words(self) -> int:
        """About how many a hint has."""
        return _WORDS[self.length]

    def rule(self) -> str:
        """What a model is told of it."""
        language = f"the language with the code {self.language}" if self.language else "the language of the passages"
        return f"\n- Your manner is {_MANNERS[self.personality][0]}.\n- Write in {language}."


def preferences_of(user: User) -> Preferences:
    """Where none were given, a row that is not saved."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def voice_of(user: User) -> Voice:
    given = preferences_of(user)
    return Voice(Personality(given.personality), Length(given.length), given.language)
