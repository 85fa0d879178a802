"""Search in one's own conversations, by the words that they hold."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from chat.models import Message, Session
from chat.selectors import messages_of, sessions_of
from users.models import User

_WORDS = re.compile(r'"([^"]+)"|([^\s"]+)')


def sessions_found(*, user: User, query: str) -> QuerySet[Session]:
    """The user's sessions whose title, or one message of which, has all of the words; all sessions without any."""
    sessions = sessions_of(user)
    if not _words(query):
        return sessions
    holding = _messages_found(user, query).order_by().values("session")
    return sessions.filter(Q(pk__in=holding) | _all_words("title", query))


def history(*, user: User, q: str, page: int, page_size: int) -> Mapping[str, Any]:
    """A page of the sessions and one of the messages that are found, the latest first, with how many there are."""
    sessions, messages = sessions_found(user=user, query=q), _messages_found(user, q)
    part = slice((page - 1) * page_size, page * page_size)
    return {
        "sessions": sessions[part],
        "recent_messages": messages.order_by("-timestamp", "-position")[part],
        "total_sessions": sessions.count(),
        "total_messages": messages.count(),
    }


def _messages_found(user: User, query: str) -> QuerySet[Message]:
    return messages_of(user).filter(_all_words("content", query))


def _all_words(field: str, query: str) -> Q:
    found = Q()
    for word in _words(query):
        # SQLite's LIKE knows the case of ASCII letters only; its expressions are Python's.
        found &= Q(**{f"{field}__icontains": word}) if word.isascii() else Q(**{f"{field}__iregex": re.escape(word)})
    return found


def _words(query: str) -> list[str]:
    return [quoted or word for quoted, word in _WORDS.findall(query)]
