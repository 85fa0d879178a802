"""Where sentences begin and end, in linear time."""

import re

ITEM = r"[^\S\n]*(?:[-*+•◦▪▫■□‣⁃·–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])[^\S\n]+(?=\S)"
"""Matches the marker of a list item at the start of a line."""

_END = re.compile(
    # A run of marks before white space. The look-behind keeps a run from being tried at each of its characters.
    r"""(?<![.!?…؟।॥])[.!?…؟।॥]+["'”’»)\]*_]*(?=\s)"""
    # Chinese and Japanese put no space after the stop.
    r"|[。！？｡]+[」』”’）】》]*"
    # A blank line; a line that begins a list item or a table row.
    r"|\n[^\S\n]*\n\s*"
    rf"|\n(?={ITEM}|[^\S\n]*\|)"
)
_SPACE = re.compile(r"\s*")
_NEXT = re.compile(r"\s*[\"'“‘«(\[¿¡*_]*")
IDENTIFIER = re.compile(r"[a-z]+(?:[._/][a-z]+)+\b")
"""The name of a file or a field: a sentence may begin with it, though it is in lower case."""
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")

_ABBREVIATION = re.compile(
    "mr|mrs|ms|dr|prof|rev|hon|st|sr|jr|gen|col|capt|lt|sgt|sen|rep|gov|pres|messrs|mme|mlle|vs|cf|viz|resp|approx|est|"
    "dept|univ|inc|ltd|co|corp|bros|al|ed|eds|trans|repr|ave|blvd|rd|mt|ft|ca|bzw|usw|vgl|dipl|ing|hr|fr|evtl|ggf|inkl|"
    "jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
)
_BEFORE_NUMBER = re.compile("no|nos|nr|figs?|pp?|vol|arts?|secs?|ch|chap|eqs?|para|abs|tab|ver")


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the sentences, in order, without the white space around them; they hold all else.

    A sentence also ends at a blank line, at a list item and at a table row. Where it is not clear that one ends (after
    an abbreviation, an initial), it goes on.
    """
    spans: list[tuple[int, int]] = []
    start = _skip(text, 0)
    for match in _END.finditer(text):
        if match.start() < start or not _ends(text, match):
            continue
        end = match.start() if match[0][0] == "\n" else match.end()
        spans.append((start, start + len(text[start:end].rstrip())))
        start = _skip(text, match.end())
    if start < len(text):
        spans.append((start, start + len(text[start:].rstrip())))
    return spans


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _ends(text: str, match: re.Match[str]) -> bool:
    mark = match[0][0]
    if mark in "\n。！？｡":
        return True
    after = _NEXT.match(text, match.end())
    following = text[after.end() : after.end() + 1] if after else ""
    if following.islower() and not (after and IDENTIFIER.match(text, after.end())):
        return False
    return mark != "." or match[0][1:2] == "." or not _abbreviates(text, match.start(), following)


def _abbreviates(text: str, stop: int, following: str) -> bool:
    """Whether the full stop at ``stop`` belongs to the word before it."""
    words = text[max(0, stop - 20) : stop].split()
    word = words[-1].lstrip("([\"'“‘«") if words else ""
    lower = word.lower()
    if _ABBREVIATION.fullmatch(lower):
        return True
    if _BEFORE_NUMBER.fullmatch(lower):
        return following.isdigit()
    if _DOTTED.fullmatch(word):
        return lower not in ("a.m", "p.m")
    if len(word) == 1 and word.isupper():
        return word != "I"
    first = stop - len(word)
    return word.isdigit() and len(word) < 4 and (first == 0 or text[first - 1] == "\n")
