"""How often a learner may ask the agents: each of them in a minute, all of them in 24 hours by subscription."""

from django.conf import settings
from redis.exceptions import RedisError

from chat.quotas import budget_demand
from learning.courses.selectors import learner_of
from learning.models import Agent
from users.models import User
from utils.errors import LimitReached
from utils.rate_limit import Place, Window, take

_DAY = 86_400


def call_take(*, user: User, agent: Agent) -> dict[str, str]:
    """Count a call; headers that say what is left in this minute. Raises LimitReached, which says for which limit.

    What was refused counts for nothing. Where Redis is away nothing is counted. The tokens that a model takes count
    with those of the chat.
    """
    budget_demand(user=user)
    tier = learner_of(user).tier
    name = f"agent_{agent.value}"
    allowed, seconds = settings.LIMITS[name]
    a_day = settings.AGENTS["CALLS_A_DAY"][tier]
    places = [Place(name, user.pk, allowed, seconds)]
    places += [Place("agent_day", user.pk, a_day, _DAY)] if a_day else []
    try:
        minute, *day = take(places)
    except RedisError:
        return {}
    if not minute.allowed:
        raise _reached(f"You may ask this agent {allowed} times in {seconds} seconds.", name, minute)
    if day and not day[0].allowed:
        raise _reached(f"Your subscription ({tier}) has {a_day} calls in 24 hours.", "agent_day", day[0], tier=tier)
    return minute.headers(name)


def _reached(detail: str, name: str, window: Window, **more: str) -> LimitReached:
    return LimitReached(
        detail,
        retry_after=window.resets,
        members={"limit": name, "allowed": window.limit, "seconds": window.seconds, **more},
        headers=window.headers(name),
    )
