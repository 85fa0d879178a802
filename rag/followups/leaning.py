"""Whether a question leans on what was said before, as far as its own words tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.followups import grammar
from rag.followups.grammar import Token, content, phrases, tokens

# With "and", "or" and "but" of the languages that are near.
_OPENING = re.compile(
    r"^(?:(?:and|but|or|also|then|so|ok|okay|yes|yeah|hm+|ah|oh|nope|sorry|thanks|thank you|no(?= i )|"
    r"(?:well|now|no|actually|great)(?=[,.!])|und|oder|aber|et|ou|mais|y|o|pero|e|ma|en|och|og)(?![\w'’-])[\s,.!]*)+",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"^(?:i (?:mean|meant|was asking about|wanted)|not that|rather|make that)\b[\s,:]*", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how) (?:about|of)\b\s*|^(?:what|how) (?=(?:with|for)\b)", re.IGNORECASE)
_CHITCHAT = frozenset(
    "thanks thank thx ty you very much so ok okay k cool great perfect nice good fine super awesome got it i see hello "
    "hi hey bye goodbye cheers a lot for the your help that helps helped is was all understood alright morning danke "
    "merci gracias makes sense clear".split()
)
_MORE = re.compile(
    r"(?:please |can you |could you )*(?:tell me more|(?:some |any )?more(?: details?| information)?|explain|elaborate|"
    r"go on|continue|(?:in )?(?:more )?details?|(?:give me |for )?(?:an )?example|what do you mean|how so|"
    r"i (?:don't|do not) understand|say that again|repeat)(?: (?:about|of|for|on))?(?: (?:it|that|this))?"
    r"(?: in (?:more )?detail| please)*[\s?.!]*",
    re.IGNORECASE,
)
_PRONOUNS = frozenset("it they them this that these those its their one ones he she him her his".split())
_JOINTS = frozenset("if when after before once until while because since and but or that ,".split())
_ENOUGH = 3
"""Content words that make a question stand by itself, where nothing else speaks against it."""
_FRAGMENT = 6
"""Words; what is longer says enough by itself to be no fragment."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A question without the words that only tie it to the one before."""

    text: str
    tied: bool
    """There were such words: "and", "what about", "no, I meant"."""
    fragment: bool
    """It is no clause of its own, only what is to be put into the question before."""


def parts(question: str) -> Parts:
    text, tied = question.strip(), False
    for pattern in (_OPENING, _CORRECTION):
        match = pattern.match(text)
        text, tied = (text[match.end() :], True) if match and match.end() < len(text) else (text, tied)
    about = _ABOUT.match(text)
    text = text[about.end() :] if about else text
    said = _words(text)
    subject = any(word in grammar.SUBJECTS - {"one"} for word in said[:-1])
    if about:
        return Parts(text, tied=True, fragment=0 < len(said) <= _FRAGMENT and not subject)
    clause = subject or said[:1] == ["if"] or bool(set(said[:1]) & grammar.AUXILIARIES)
    clause = clause or (bool(set(said[:1]) & grammar.WH) and not is_only_asking(text))
    return Parts(text, tied, fragment=0 < len(said) <= _FRAGMENT and not clause)


def is_only_asking(text: str) -> bool:
    """ "how often?", "since when?": all the rest is in the question before."""
    said = _words(text)
    return (
        0 < len(said) <= 3
        and bool(set(said) & grammar.WH)
        and not set(said) & grammar.AUXILIARIES
        and not content(text)
    )


def is_chitchat(question: str) -> bool:
    """ "ok, thanks": it asks nothing."""
    said = _words(question)
    return len(said) <= 6 and not question.rstrip().endswith("?") and all(word in _CHITCHAT for word in said)


def may_lean(question: str) -> bool:
    """Whether anything about the question suggests that it leans; if not, it is taken as it stands."""
    definite = any(token.lower in ("the", "mine", "yours") for token in tokens(question))
    return leans(question) or definite or len(set(content(question))) < _ENOUGH


def leans(question: str) -> bool:
    """Whether its words show that it leans: it is tied to what came before, or points out of itself."""
    part = parts(question)
    return part.tied or part.fragment or asks_for_more(question) or bool(anaphors(part.text))


def is_foreign(question: str) -> bool:
    """It hardly holds any of the words that no English question does without."""
    said = _words(question)
    return len(said) >= 3 and sum(not grammar.is_content(word) for word in said) <= len(said) / 4


def asks_for_more(question: str) -> bool:
    """ "tell me more": the question before is asked once more."""
    return _MORE.fullmatch(parts(question).text.replace("’", "'")) is not None


def anaphors(text: str) -> list[Token]:
    """The words of the text that point out of it, in their order."""
    words = tokens(text)
    return [
        word
        for number, word in enumerate(words)
        if word.lower in _PRONOUNS and _points_out(word.lower, words[:number], words[number + 1 :])
    ]


def _points_out(word: str, before: Sequence[Token], after: Sequence[Token]) -> bool:
    previous = before[-1].lower if before else ""
    following = after[0].lower if after else "?"
    if word not in ("that", "this", "these", "those", "one", "ones") and _named_before(before):
        return False  # "does a token work after it was spent?"
    if word == "it" and previous in ("is", "was", "would") and "to" in (token.lower for token in after[:4]):
        return False  # "is it possible to"
    if word == "that" and before and (grammar.is_content(previous) or previous == "so") and following not in "?.!,":
        return False  # "files that have changed"
    if word == "one":
        own = [token.lower for token in after[:3]][2:] == ["own"]  # "one of my own"
        return own or (following != "of" and not grammar.is_content(following))
    return True


def _named_before(words: Sequence[Token]) -> bool:
    """Whether an earlier clause of the question names what a pronoun behind these words may stand for."""
    joints = [number for number, word in enumerate(words) if word.lower in _JOINTS]
    text = " ".join(word.text for word in words[: joints[-1]]) if joints else ""
    determiners = grammar.DETERMINERS - _PRONOUNS
    return any(not phrase.preposition and phrase.text.split()[0].lower() in determiners for phrase in phrases(text))


def _words(text: str) -> list[str]:
    return [token.lower for token in tokens(text) if token.text[0].isalnum()]
