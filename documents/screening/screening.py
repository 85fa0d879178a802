"""The ingestion filter: whether a document tries to instruct the model that is to read it.

Small detectors each give a signal: a category, a weight, a place. Signals near each other add up, the heaviest of each
category; where they reach 1 the version is set aside for an editor (documents/quarantine.py). The filter reads a text
as it looks and as it is decoded. It cannot understand: it is the second line behind the fence of the prompt.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from documents.screening.decoding import decoded, rot13, unleet
from documents.screening.folding import INVISIBLE, Folded, fold
from documents.screening.marks import marks
from documents.screening.matching import rules_for
from documents.screening.vocabulary import BITS, DISGUISED, meanings, signed

THRESHOLD = 0.7
NEAR = 260
"""Characters within which signals add up."""
MOST_FINDINGS = 20
EXCERPT = 300
_SUPPORT = frozenset({"command", "praise", "authority", "hidden", "turns", "dialogue", "shouting", "tone"})
"""Categories that say much beside others and nothing by themselves."""
_MOST_SUPPORT = 0.5
_MOST_SIGNALS = 300
"""In a short text; beyond, and one for each 200 characters of a longer one, the text is suspicious for that alone."""
_AGAIN = 0.1
"""What a category weighs more that is met in a second place nearby."""
_SENTENCE = re.compile(r"(?<=[.!?;])[\"')\]]?\s+|(?<=[。！？；])|\n\s*(?:\n|[-*|#>+]|\d+[.)])|\|")
_LONGEST = 360
"""Characters of a sentence; a longer one is cut."""
_DEPTH = 2
"""A decoded text may hold an encoded one, no more."""
_ABOUT = re.compile(
    r"prompt[- ]injection|jailbreak(?:s|ing)? (?:attempt|attack|prompt)|attackers?\b|malicious|adversar|red[- ]team"
    r"|phishing"
)
_SHOUTED = re.compile(
    r"\b(?:[Ss]ay|[Ww]rite|[Pp]rint|[Oo]utput|[Rr]eply|[Aa]nswer|[Rr]espond|[Gg]ive)"
    r"(?:\s+(?:only|with|the|word|words|exactly|string|just|token|single|by|a)){0,5}[\s:]+[\"'“]?[A-Z]{4,}\b"
)
# Not to forget something is no order to forget it; and many an assistant is a person.
_MEANT_WELL = re.compile(
    r"(?:\b(?:do not|don't|never|not|no|nao|non|nie|не|ne)\b ?|n')(?:forget|oublie\w*|olvid\w*|esque\w*|dimentic\w*"
    r"|zapom\w*|забу\w*)|\bverg(?:iss|esst|essen)(?: sie)? nicht|\bvergeet niet"
    r"|\bassistant (?:to the )?(?:manager|professor|director|editor|cook|coach|principal|secretary|surgeon|teacher"
    r"|engineer|referee|librarian|nurse|curator|chief|vice|general|attorney|minister)s?"
)
_MISTAKABLE = BITS["override"] | BITS["ai"]
_QUOTED = re.compile(r"\"[^\"\n]{4,300}\"|`[^`\n]{4,300}`|(?<!\w)'[^'\n]{8,300}'(?!\w)")


class Signal(NamedTuple):
    category: str
    weight: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch that is suspicious by itself."""

    part: str
    """``text``, ``title``, ``file_name``, ``source_uri`` or ``metadata``."""
    start: int
    """Offset in the version's text; 0 in another part."""
    end: int
    excerpt: str
    techniques: tuple[str, ...]
    score: float
    digest: str
    """SHA-256 of the paragraphs that it lies in, by which a release is remembered."""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "techniques": list(self.techniques)}


def screen(*, text: str, **parts: str) -> list[Finding]:
    """The suspicious stretches of a document's text and of what is said about it (its title, its file's name …)."""
    found = list(_findings("text", text))
    for part, said in parts.items():
        # A name has no sentences: its words are parted by what names are parted by.
        found += _findings(part, re.sub(r"[_+]|(?<=\w)-(?=\w)|%20", " ", said))
    return found[:MOST_FINDINGS]


def metadata_text(metadata: Mapping[str, Any]) -> str:
    """All that metadata says, a line for each value."""

    def said(value: object) -> Iterator[str]:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                yield str(name)
                yield from said(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                yield from said(inner)
        else:
            yield str(value)

    return "\n\n".join(said(metadata))


def _findings(part: str, text: str) -> Iterator[Finding]:
    for cluster in _clusters(_signals(text)):
        start, end = min(s.start for s in cluster), max(s.end for s in cluster)
        score, techniques = _score(cluster)
        around = text[_paragraph_start(text, start) : _paragraph_end(text, end)]
        digest = hashlib.sha256(" ".join(around.split()).encode("utf-8", "replace")).hexdigest()
        start, end = (start, end) if part == "text" else (0, len(text))
        yield Finding(part, start, end, text[start : min(end, start + EXCERPT)], techniques, round(score, 2), digest)


def _paragraph_start(text: str, place: int) -> int:
    return text.rfind("\n\n", 0, place) + 1


def _paragraph_end(text: str, place: int) -> int:
    end = text.find("\n\n", place)
    return len(text) if end < 0 else end


def _score(signals: Iterable[Signal]) -> tuple[float, tuple[str, ...]]:
    heaviest: dict[str, float] = defaultdict(float)
    places: dict[str, set[int]] = defaultdict(set)
    for signal in signals:
        heaviest[signal.category] = max(heaviest[signal.category], signal.weight)
        places[signal.category].add(signal.start)
    for category, starts in places.items():
        heaviest[category] += _AGAIN if len(starts) > 1 else 0.0
    ordered = sorted(heaviest, key=lambda category: -heaviest[category])
    support = sum(weight for category, weight in heaviest.items() if category in _SUPPORT)
    telling = sum(weight for category, weight in heaviest.items() if category not in _SUPPORT)
    return (telling + min(support, _MOST_SUPPORT) if telling else 0.0), tuple(ordered)


def _clusters(signals: Sequence[Signal]) -> Iterator[list[Signal]]:
    """Stretches whose signals reach the threshold, each signal in one of them at most."""
    signals = sorted(signals, key=lambda signal: (signal.start, signal.end))
    first, found = 0, 0
    for last, signal in enumerate(signals):
        while signals[first].start < signal.start - NEAR:
            first += 1
        if first <= last and _score(signals[first : last + 1])[0] >= THRESHOLD - 1e-9:
            yield signals[first : last + 1]
            first, found = last + 1, found + 1
            if found == MOST_FINDINGS or first == len(signals):
                return


def _signals(text: str, depth: int = 0) -> list[Signal]:
    folded = fold(text)
    signals = [Signal(m.category, m.weight, folded.place(m.start), folded.place(m.end)) for m in marks(folded.text)]
    signals += _spoken(folded, depth)
    for kind, said, start, end in decoded(text):
        if depth < _DEPTH and len(signals) < 1000:
            signals += _disguised(kind, said, start, end, depth)
    signals += _concealed(text, folded)
    signals += [Signal("shouting", 0.3, *match.span()) for match in _SHOUTED.finditer(text)]
    return signals


def _disguised(kind: str, said: str, start: int, end: int, depth: int) -> list[Signal]:
    """The signals of what a stretch turns out to say, and one because it was hidden."""
    inner = _signals(said, depth + 1)
    if kind == "letters":
        inner += _signals(said.replace(" ", ""), depth + 1)
    if kind in ("tags", "selectors"):
        inner.append(Signal("unseen", 1.0, start, end))
    if all(signal.category in _SUPPORT for signal in inner):
        return []
    return [*(Signal(s.category, s.weight, start, end) for s in inner), Signal(kind, 0.6, start, end)]


def _spoken(folded: Folded, depth: int) -> list[Signal]:
    text, signals = folded.text, list[Signal]()
    quoted: list[tuple[int, int]] | None = None
    about = _ABOUT.search(text) is not None
    most = _MOST_SIGNALS + len(text) // 200
    for start, end in _sentences(text):
        sentence = text[start:end]
        classes, places = meanings(sentence)
        if classes & _MISTAKABLE and _MEANT_WELL.search(sentence):
            sentence = _MEANT_WELL.sub(lambda match: " " * len(match.group()), sentence)
            classes, places = meanings(sentence)
        if classes & DISGUISED:
            signals += _turned(sentence, places, folded.place(start), folded.place(end), depth)
        rules = rules_for(classes & ~DISGUISED)
        if not rules:
            continue
        said = signed(sentence, places)
        done = ""
        for rule in rules:
            if rule.category == done or not rule.pattern.search(said):
                continue
            done = rule.category
            weight = rule.weight
            if about:
                # Where attacks are spoken of, one that is quoted is most likely an example.
                quoted = quoted if quoted is not None else [match.span() for match in _QUOTED.finditer(text)]
                weight *= 0.5 if any(first < end and start < last for first, last in quoted) else 1
            signals.append(Signal(rule.category, weight, folded.place(start), folded.place(end)))
        if len(signals) > most:
            signals.append(Signal("flood", 1.0, folded.place(start), folded.place(end)))
            break
    return signals


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE.finditer(text):
        yield from _pieces(start, match.start())
        start = match.end()
    yield from _pieces(start, len(text))


def _pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LONGEST:
        yield start, start + _LONGEST
        start += _LONGEST - 60  # so that what lies on the cut is seen whole
    if end - start > 5:
        yield start, end


def _turned(sentence: str, places: Sequence[tuple[int, int]], start: int, end: int, depth: int) -> list[Signal]:
    """A sentence with two words or more that mean something only in ROT13, backwards or as letters for figures."""
    if depth >= _DEPTH or sum(1 for _, classes in places if classes & DISGUISED) < 2:
        return []
    signals: list[Signal] = []
    for kind, said in (("rot13", rot13(sentence)), ("reversed", sentence[::-1]), ("leet", unleet(sentence))):
        signals += _disguised(kind, said, start, end, _DEPTH)
    return signals


def _concealed(text: str, folded: Folded) -> Iterator[Signal]:
    if folded.places is None and not folded.mixed:
        return
    hidden = [match.start() for match in _BETWEEN_LETTERS.finditer(text)]
    if len(hidden) >= 4:
        yield Signal("unseen", 0.6, hidden[0], hidden[-1] + 1)
    turned = text.find("\u202e")
    if turned >= 0:
        yield Signal("backwards", 0.7, turned, turned + 1)
    if folded.mixed >= 3:
        yield Signal("look-alikes", 0.5, 0, min(len(text), NEAR))


_BETWEEN_LETTERS = re.compile(rf"(?<=[A-Za-z])(?:{INVISIBLE.pattern}|[\u0300-\u036f])(?=[A-Za-z\s])")
