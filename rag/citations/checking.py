"""What of an answer is supported by what it cites, and what becomes of the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rag.boundaries import support_checker
from rag.citations.markers import filtered, markers_in
from rag.citations.statements import Statement, statements
from rag.context import Source
from rag.support.base import Claim, Reason, Verdict

_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Unsupported:
    sentence: str
    start: int | None
    """``content[start:end] == sentence``; None where the sentence was removed."""
    end: int | None
    score: float
    """0 to 1: how near the passages come to saying it."""
    reason: Reason

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Checked:
    text: str
    """With a marker behind what a passage supports."""
    markers: tuple[int, ...] = ()
    """Those that are left in it, in ascending order."""
    grounded: bool = False
    """Whether anything in it rests on a passage."""
    unsupported: Sequence[Unsupported] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Judged:
    statement: Statement
    verdict: Verdict | None
    """None for what needs no support."""
    marker: int | None = None
    """To be put behind it."""


def check(answer: str, sources: Mapping[int, Source], *, remove: bool) -> Checked:
    """The answer as it may be shown. ``sources`` are those that may be cited, by their markers.

    With ``remove`` it is without the sentences that no passage supports, else they are only told.
    """
    answer = filtered(answer, sources).strip()
    judged = _judge(statements(answer), sources)
    text, unsupported = _written(answer, judged, remove=remove)
    kept = [one for one in judged if one.verdict is None or one.verdict.supported]
    markers = {marker for one in (kept if remove else judged) for marker in one.statement.markers}
    markers |= {one.marker for one in judged if one.marker is not None}
    rests = any(one.verdict is not None for one in kept) or (not unsupported and bool(markers))
    return Checked(text, tuple(sorted(markers)), rests and bool(markers), unsupported)


def _judge(found: Sequence[Statement], sources: Mapping[int, Source]) -> list[_Judged]:
    claims: list[Claim] = []
    options: list[tuple[Statement, list[int]]] = []
    """Each statement with the sources that its claims, one each, are about; none where its own markers decide."""
    for statement in found:
        candidates = [] if statement.markers else _quoting(statement.text, sources) or list(sources)
        options.append((statement, candidates))
        if statement.kind == "exempt":
            continue
        if statement.markers:
            claims.append(Claim(statement.text, [_context(sources[marker]) for marker in statement.markers]))
        else:
            claims += [Claim(statement.text, [_context(sources[marker])]) for marker in candidates]
    verdicts = iter(support_checker().check(claims, timeout=_TIMEOUT) if claims else ())
    judged = []
    for statement, markers in options:
        if statement.kind == "exempt":
            judged.append(_Judged(statement, None))
        elif statement.markers:
            judged.append(_Judged(statement, next(verdicts)))
        else:
            judged.append(_best(statement, {marker: next(verdicts) for marker in markers}))
    return judged


def _best(statement: Statement, verdicts: Mapping[int, Verdict]) -> _Judged:
    """The verdict of the source that supports it best; the first of several that do so alike."""
    if not verdicts:
        return _Judged(statement, Verdict(False, 0.0, "no_passage"))
    marker = max(verdicts, key=lambda key: (verdicts[key].supported, verdicts[key].score))
    verdict = verdicts[marker]
    return _Judged(statement, verdict, marker if verdict.supported else None)


def _quoting(text: str, sources: Mapping[int, Source]) -> list[int]:
    """The sources that hold it word for word: the others need not be asked."""
    flat = " ".join(text.split())
    return [marker for marker, source in sources.items() if flat in " ".join(source.text.split())]


def _context(source: Source) -> str:
    """A passage is understood below its title and headings."""
    return "\n\n".join(part for part in (source.version.title, source.chunk.heading, source.text) if part)


def _written(answer: str, judged: Sequence[_Judged], *, remove: bool) -> tuple[str, list[Unsupported]]:
    """The answer with its new markers, without what is removed, and what is not supported."""
    parts: list[str] = []
    unsupported: list[Unsupported] = []
    length = position = 0
    bare = False
    """Whether what was written last is part of a whole whose marker is still to come."""

    def write(piece: str) -> None:
        nonlocal length
        parts.append(piece)
        length += len(piece)

    for place, one in enumerate(judged):
        statement, verdict = one.statement, one.verdict
        sentence = answer[statement.start : statement.end]
        gap = answer[position : statement.start]
        position = statement.end
        if verdict is None or verdict.supported:
            write(gap.lstrip() if not length else gap)
            write(sentence)
            following = judged[place + 1].marker if place + 1 < len(judged) else None
            if one.marker is not None and (statement.kind == "prose" or following != one.marker):
                write(f"{_before_marker(sentence)}[{one.marker}]")
            bare = statement.kind == "part" and not markers_in(sentence)
        elif remove:
            if bare and statement.kind == "part" and markers_in(sentence):
                # The marker of the whole stood behind its last part.
                write(" " + "".join(f"[{marker}]" for marker in statement.markers))
                bare = False
            unsupported.append(Unsupported(sentence, None, None, verdict.score, verdict.reason))
        else:
            write(gap)
            unsupported.append(Unsupported(sentence, length, length + len(sentence), verdict.score, verdict.reason))
            write(sentence)
    write(answer[position:])
    return "".join(parts).strip(), unsupported


def _before_marker(sentence: str) -> str:
    """Behind a fence or a table row the marker would become part of it."""
    return "\n" if sentence.endswith(("```", "|")) else " "
