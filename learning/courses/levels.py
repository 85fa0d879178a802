"""What completing brings: experience points, the level that follows from them, and days in a row.

Level n begins at 100 · (n - 1)² points, so each takes 200 points more than the one before.
"""

from datetime import date, timedelta
from math import isqrt

from learning.models import Learner

TOPIC_XP = 50
COURSE_XP = 200
"""For a whole course, beside its topics."""
_STEP = 100


def level_of(xp: int) -> int:
    return isqrt(xp // _STEP) + 1


def level_begins(level: int) -> int:
    """The points from which on somebody has this level."""
    return _STEP * (level - 1) ** 2


def streak_on(learner: Learner, today: date) -> int:
    """The days in a row as they stand: a day without anything completed ends them, but today is not over."""
    lasts = learner.active_on is not None and learner.active_on >= today - timedelta(days=1)
    return learner.streak_days if lasts else 0


def reward(learner: Learner, *, xp: int, today: date) -> None:
    """Something was completed ``today``, a day in UTC. Saves nothing."""
    learner.xp += xp
    if learner.active_on is None or learner.active_on < today:
        learner.streak_days = streak_on(learner, today) + 1
        learner.longest_streak_days = max(learner.longest_streak_days, learner.streak_days)
        learner.active_on = today
