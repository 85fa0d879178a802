"""What the caller has asked before."""

import re
from typing import Annotated, Any

from pydantic import Field

from chat import selectors
from chat.tools.base import Caller, tool
from rag.tooling import Result

_LONGEST = 300
"""Characters of a question that are told."""
_OWN = re.compile(
    r"\bwhat (?:did|have) i (?:just |last |recently |already )?ask(?:ed)?\b"
    r"|\b(?:which|what) questions? (?:did|have) i\b"
    r"|^\W*(?:(?:please )?(?:show|list|tell|give|repeat|(?:what|which) (?:are|were|was|is)) (?:me )?(?:again )?)?"
    r"my (?:\w+ ){0,3}questions?\b.{0,40}$"
    r"|\bquestions? (?:that )?i(?:'ve|’ve| have)? (?:\w+ )?asked\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b(?:last|latest|recent) (\d{1,2})\b", re.IGNORECASE)
_MOST = 20


def _fits(question: str) -> dict[str, Any] | None:
    """By rules: whether somebody asks for what they themselves have asked, and for how many."""
    if not _OWN.search(question):
        return None
    number = _NUMBER.search(question)
    return {"limit": min(max(int(number[1]), 1), _MOST)} if number else {}


@tool(fits=_fits)
def my_recent_questions(
    caller: Caller,
    limit: Annotated[int, Field(ge=1, le=_MOST, description="At most so many, the latest first.")] = 5,
) -> Result:
    """List the questions that the user has asked lately. Use it only if the user asks about their own questions."""
    asked = selectors.questions_of(user=caller.user, before=caller.question, most=limit)
    if not asked:
        return Result(title="Your recent questions", record="You have not asked anything before.")
    lines = (f"- {_line(one.content)} ({one.timestamp:%Y-%m-%d %H:%M} UTC)" for one in asked)
    return Result(title="Your recent questions", record="\n".join(["You have asked lately:", "", *lines]))


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
