"""What is never a right answer, whatever a model thinks of it.

Rules that no text can talk to. They may refuse an honest answer, which costs a question; they must not let one through
that speaks to the judge instead of answering.
"""

import re

from django.conf import settings

from documents.screening.folding import fold
from documents.screening.screening import screen
from learning.tutoring.matching import said_beyond
from learning.tutoring.withholding import holds_marker

_DONE = r"(?:right|correct|true|passed|mastered|completed?|done)"
_ORDERS = re.compile(
    rf"""
    \b(?:mark|grade|count|treat|accept|judge|score|record|evaluate|rate|consider|take|regard)\b.{{0,50}}
        \b(?:as|to\s+be|being)\s+(?:all\s+|fully\s+|being\s+)?{_DONE}\b
    | \b(?:mark|grade|pass)\s+(?:me|this|everything|my\s+answer)\b
    | \b(?:give|award|grant)\b.{{0,20}}\b(?:marks?|points?|score|credit)\b
    | \b(?:ignore|disregard|forget|override|bypass|overlook)\b.{{0,40}}
        \b(?:instructions?|rules?|prompts?|questions?|previous|above|before|everything|guidelines)\b
    | \b(?:system|developer|debug|maintenance|god)\s+(?:prompt|mode|message|override|note)\b
    | \bnew\s+(?:instructions?|orders?|rules?)\b | \byour\s+(?:instructions?|orders?|rules?|prompt)\b
    | \byou\s+are\s+(?:now|no\s+longer)\b
    | \b(?:pretend|role-?play|act\s+as\s+if|imagine)\b.{{0,30}}\b(?:you|i)\b
    | \b(?:print|output|write|say|repeat|reply|respond|answer|emit|append|send)\b.{{0,40}}
        \b(?:marker|verdict|code\s?word|completed?|mastered)\b
    | \b(?:say|reply|respond|answer|confirm|agree)\b.{{0,30}}\b(?:it|this|i|answer)\s+(?:is|am|was)\s+{_DONE}\b
    | \b(?:i\s+am|i'm|this\s+is)\s+(?:your|the)\s+
        (?:teacher|instructor|admin\w*|developer|examiner|grader|tutor|operator)\b
    | \b(?:complete|finish|unlock|certify)\s+(?:the|this|my)\s+(?:topic|test|module|lesson)\b
    | \b(?:topic|session)[\s_-]*(?:is\s+)?(?:now\s+)?(?:completed|mastered|passed)\b
    | ["'](?:verdict|said|attempt|points|is_correct|words)["']\s*: | \b(?:verdict|topic_completed|is_correct)\b\s*[:=]
    | (?:^|[.!?>\]]\s*)(?:grader|examiner|assistant|system|tutor|judge)\s*:
    """,
    re.VERBOSE | re.DOTALL,
)


def fault(answer: str, *, question: str, quote: str) -> str:
    """Why this cannot be right: ``empty``, ``marker``, ``instructions``, ``echo``; empty where it can.

    Where the material itself, in the ``quote``, is worded like an order, only the ingestion filter is asked.
    """
    if not any(map(str.isalnum, fold(answer).text)):
        return "empty"
    if holds_marker(answer, settings.TUTORING["MARKER"]):
        return "marker"
    if (_orders(answer) and not _orders(quote)) or screen(text=answer):
        return "instructions"
    return "" if said_beyond(answer, question) else "echo"


def _orders(text: str) -> bool:
    return _ORDERS.search(" ".join(fold(text).text.split())) is not None
