"""The single-question assistant: a question that has no conversation around it, answered by tools.

Each is a session of its own kind with one question and one answer, so quotas, repeats, feedback, usage and erasure
are those of the chat; none of it shows in the user's conversations.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.conf import settings
from django.utils.module_loading import import_string

from chat.beginning import Exchange
from chat.tools.base import Caller
from chat.tools.calling import CallerToolbox
from rag.answering import Event
from rag.tooling import Context, answering_with_tools
from users.models import User
from utils.waiting import apart

MOST_CHARACTERS = 500


async def looked_up(exchange: Exchange) -> AsyncGenerator[Event, None]:
    """The events of an answer for which tools are called on behalf of its asker, whoever is named in the question."""
    assert isinstance(exchange.asker, User)  # noqa: S101 - single questions are for accounts
    context = await apart(context_of, exchange.asker)
    toolbox = CallerToolbox(Caller(exchange.asker, exchange.question), exchange.answer.pk)
    answer = answering_with_tools(
        question=exchange.question.content,
        toolbox=toolbox,
        most_calls=settings.CHAT["MOST_TOOL_CALLS"],
        seconds=settings.CHAT["TOOL_SECONDS"],
        context=context,
    )
    async with aclosing(answer) as events:
        async for event in events:
            yield event


def context_of(user: User) -> Context:
    """What a room to the left has to say of the asker and their role (``settings.CHAT["CONTEXT"]``)."""
    path = settings.CHAT["CONTEXT"]
    found: Context = import_string(path)(user) if path else Context()
    return found
