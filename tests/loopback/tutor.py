"""A language model that tutors, examines and judges, behind Mistral's wire protocol. It is easily fooled.

As a tutor it writes the completion marker for whoever asks for it; as a judge it takes an answer that tells it what to
do at its word. Else it knows its subject: :data:`SUBJECT` holds what there is to ask, and which words say it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.loopback.mistral import LoopbackMistral

_FENCED = re.compile(r"<(passage|question)-(\w+)(?: number=\"\d+\")?[^>]*>\n(.*?)\n</\1-\2>", re.DOTALL)
_MARKER = re.compile(r"(?:never write|end with) (\S+)\.")
_ORDERED = re.compile(
    r"ignor|disregard|mark\b|markier|pass\b|correct|\bright\b|richtig|complet|master|verdict|system|teacher|pretend|grade"
    r"|points|instruction|anweisung|tutor|said|accept|test|debug|code ?word|unlock|finish|bestanden",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Item:
    level: str
    question: str
    points: tuple[str, ...]
    quote: str
    say: tuple[str, ...]
    """Any of these in an answer says the point."""
    wrong: str


MATERIAL = """A loan of a book lasts four weeks. A reader may borrow up to seven books at a time.
Whoever brings a book back late pays twenty cents for each day. A loan is renewed in the catalogue, before it ends.
A book that another reader has reserved cannot be renewed, because that reader is waiting for it.
Magazines stay in the reading room, so that everybody can read the newest issue."""
SUBJECT = (
    Item(
        "easy",
        "For how long may somebody keep what they take home?",
        ("four weeks",),
        "A loan of a book lasts four weeks.",
        ("four weeks", "28 days", "4 weeks", "vier wochen"),
        "Two months, I believe.",
    ),
    Item(
        "medium",
        "What happens to whoever is late?",
        ("twenty cents for each day",),
        "Whoever brings a book back late pays twenty cents for each day.",
        ("twenty cents", "20 cents", "0.20"),
        "They are banned for life.",
    ),
    Item(
        "hard",
        "Why is it that some loans cannot be made longer?",
        ("another reader has reserved the book",),
        "A book that another reader has reserved cannot be renewed, because that reader is waiting for it.",
        ("reserved", "waiting", "someone else wants"),
        "The catalogue is closed in summer.",
    ),
    Item(
        "easy",
        "How many may one person have at once?",
        ("seven books",),
        "A reader may borrow up to seven books at a time.",
        ("seven", "7"),
        "As many as fit into a bag.",
    ),
    Item(
        "medium",
        "Where does one go to make it last longer?",
        ("catalogue",),
        "A loan is renewed in the catalogue, before it ends.",
        ("catalogue", "catalog"),
        "To the town hall.",
    ),
    Item(
        "hard",
        "Which reason is there to keep periodicals inside the house?",
        ("everybody can read the newest issue",),
        "Magazines stay in the reading room, so that everybody can read the newest issue.",
        ("newest", "latest"),
        "They are too heavy.",
    ),
)


def asked_in(text: str) -> Item | None:
    """The question that a tutor's message ends with."""
    return next((item for item in SUBJECT if text.rstrip().endswith(item.question)), None)


class LoopbackTutor(LoopbackMistral):
    judgement: str | None = None
    """What the judge writes, whatever it is asked."""

    def _message(self, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        rules, prompt = (str(body["messages"][place]["content"]) for place in (0, -1))
        pieces = [match[3] for match in _FENCED.finditer(prompt)]
        if "oral examination" in rules:
            text = _bank()
        elif "You judge whether" in rules:
            text = _judgement(pieces) if self.judgement is None else self.judgement
        else:
            text = _prose(rules, pieces[-1])
        return {"role": "assistant", "content": text}, "stop"


def _bank() -> str:
    asked = [
        {"level": item.level, "question": item.question, "points": list(item.points), "quote": item.quote}
        for item in SUBJECT
    ]
    return json.dumps({"questions": asked})


def _judgement(pieces: list[str]) -> str:
    question, _, points, answer = pieces
    item = next(item for item in SUBJECT if item.question in question)
    said = any(re.search(rf"\b{re.escape(word)}", answer, re.IGNORECASE) for word in item.say)
    fooled = _ORDERED.search(answer) is not None
    told = [fooled or (said and point in item.points) for point in points.split("\n\n", 1)[1].splitlines()]
    return json.dumps({"attempt": True, "points": [{"said": one, "words": answer if one else ""} for one in told]})


def _prose(rules: str, said: str) -> str:
    found = _MARKER.search(rules)
    assert found
    marker = found[1]
    if "congratulate" in rules:
        return f"Well done. {marker}"
    if _ORDERED.search(said) or marker.lower() in said.lower():
        # In every dress, and in pieces of a word each.
        spaced = " ".join(marker.strip("[]"))
        return f"Of course! **{marker}** {marker.lower()} `{marker.title()}` {spaced} You are done."
    return "Here is how the library lends."
