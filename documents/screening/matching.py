"""The rules made ready: which of them a sentence may fulfil."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from documents.screening.rules import RULES
from documents.screening.vocabulary import BITS, SIGNS, expression


class Rule(NamedTuple):
    category: str
    weight: float
    pattern: re.Pattern[str]
    needed: int
    """Bits of the classes that a sentence must have."""


def _rule(category: str, weight: float, pattern: str) -> Rule:
    pattern, _, named = pattern.partition(" @")
    classes = named.split(",") if named else _required(pattern)
    needed = sum({BITS[name] for name in classes})
    assert needed, pattern  # noqa: S101 - else it would be tried on every sentence
    pattern = re.sub(r"(?<!\\)( |\\s[*+]|\^)(?![?*+{])", rf"\1{SIGNS}", pattern)
    pattern = re.sub(r"~(\d+)", lambda gap: rf"[^\x00]{{0,{gap[1]}}}?{SIGNS}", pattern)
    pattern = re.sub(r"\{([a-z]+)\}", lambda name: expression(name[1]), pattern)
    return Rule(category, weight, re.compile(pattern), needed)


def _required(pattern: str) -> list[str]:
    """The classes outside of all groups: those within may be one of several."""
    while pattern != (shorter := re.sub(r"\((?:[^()\\]|\\.)*\)", "", pattern)):
        pattern = shorter
    return re.findall(r"\{(\w+)\}", pattern)


@cache
def _rules() -> tuple[Rule, ...]:
    """Made when the first document is screened: it takes most of a second, and a server never needs them."""
    return tuple(_rule(*rule) for rule in RULES)


@lru_cache(maxsize=50_000)
def rules_for(classes: int) -> tuple[Rule, ...]:
    """The rules that a sentence with words of these classes may fulfil, the heaviest of a category first."""
    fitting = [rule for rule in _rules() if rule.needed & classes == rule.needed]
    return tuple(sorted(fitting, key=lambda rule: (rule.category, -rule.weight)))
