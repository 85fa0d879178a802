"""How much may be asked: by users messages a minute, and tokens a day by role; by visitors messages a minute from one
address, and tokens a day on one website.

The minute is counted in Redis, and not at all where Redis is away: people can still ask. The day is a row in the
database. It is looked at before a question and added to after its answer, so answers that are being written at the
same time may together go over the budget.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Manager
from django.utils import timezone

from chat.models import Message, Session, Usage, VisitorUsage
from users.models import Role, User
from utils.errors import LimitReached
from utils.rate_limit import Window, hit, look

_MINUTE = 60
_NAME = "messages"


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens of one day."""

    today: Usage | VisitorUsage
    allowed: int
    """0: as many as they like."""
    resets_at: datetime

    @property
    def used(self) -> int:
        return self.today.prompt_tokens + self.today.completion_tokens

    @property
    def left(self) -> int | None:
        return max(0, self.allowed - self.used) if self.allowed else None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a user has used and may still use."""

    minute: Window
    budget: Budget


def allowance_of(*, user: User) -> Allowance:
    """Counts nothing."""
    return Allowance(look(_NAME, user.pk, limit=settings.CHAT["MESSAGES_A_MINUTE"], seconds=_MINUTE), _budget(user))


def quota_take(*, user: User) -> dict[str, str]:
    """Count a message that is about to be asked; headers that say what is left. Raises LimitReached."""
    budget_demand(user=user)
    return _count(hit(_NAME, user.pk, limit=settings.CHAT["MESSAGES_A_MINUTE"], seconds=_MINUTE))


def budget_demand(*, user: User) -> None:
    """Raises LimitReached where a user has no tokens left for today."""
    budget = _budget(user)
    _demand(budget, f"You have used the {budget.allowed:,} tokens that your account has for today.")


def visitor_quota_take(*, address: str, origin: str) -> dict[str, str]:
    """As :func:`quota_take`, for a visitor at this address of the network, on this website."""
    allowed = settings.VISITORS["TOKENS_A_DAY"]
    today = VisitorUsage.objects.filter(origin=origin, day=_today()).first() or VisitorUsage()
    _demand(
        Budget(today, allowed, _midnight()), "So much has been asked here today that the chat is closed until tomorrow."
    )
    return _count(hit("visitors", address, limit=settings.VISITORS["MESSAGES_A_MINUTE"], seconds=_MINUTE))


def _demand(budget: Budget, otherwise: str) -> None:
    if budget.left == 0:
        raise LimitReached(
            otherwise,
            code="token_budget_exhausted",
            retry_after=(budget.resets_at - timezone.now()).total_seconds(),
            members={"limit": "tokens_a_day", "allowed": budget.allowed},
        )


def _count(window: Window) -> dict[str, str]:
    if not window.allowed:
        raise LimitReached(
            f"You may send {window.limit} messages a minute. Please wait a moment.",
            retry_after=window.resets,
            members={"limit": "messages_a_minute", "allowed": window.limit},
            headers=window.headers(_NAME),
        )
    return window.headers(_NAME)


def usage_record(*, answer: Message) -> None:
    """Add an answer to the day of its asker, or of the website. One that was kept from before has cost nothing."""
    user, origin = answer.session.user_id, None
    if answer.session.visitor_id:  # who may have taken the conversation into an account meanwhile, and be gone
        user, origin = Session.objects.values_list("user_id", "visitor__origin").get(pk=answer.session_id)
    tokens = (0, 0) if answer.metadata.get("cached") else (answer.prompt_tokens, answer.completion_tokens)
    if origin is None:
        _add(Usage.objects, {"user_id": user}, *tokens)
    else:
        _add(VisitorUsage.objects, {"origin": origin}, *tokens)


def usage_add(*, user: User, prompt_tokens: int, completion_tokens: int) -> None:
    """Add an answer that is not saved to its asker's day."""
    _add(Usage.objects, {"user_id": user.pk}, prompt_tokens, completion_tokens)


def _add(days: Manager[Any], whose: Mapping[str, Any], prompt_tokens: int, completion_tokens: int) -> None:
    today = {**whose, "day": _today()}
    more = {
        "answers": F("answers") + 1,
        "prompt_tokens": F("prompt_tokens") + prompt_tokens,
        "completion_tokens": F("completion_tokens") + completion_tokens,
    }
    if not days.filter(**today).update(**more):
        days.get_or_create(**today)
        days.filter(**today).update(**more)


def _budget(user: User) -> Budget:
    day = _today()
    budgets: Mapping[str, int] = settings.CHAT["TOKENS_A_DAY"]
    return Budget(
        today=Usage.objects.filter(user=user, day=day).first() or Usage(user=user, day=day),
        allowed=budgets.get(user.role, budgets[Role.USER]),
        resets_at=_midnight(),
    )


def _midnight() -> datetime:
    return datetime.combine(_today() + timedelta(days=1), time(), UTC)


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
