"""Follow-ups: whether a question that leans on its conversation finds the page that answers it.

A file holds a dialogue a line: ``{"id": "…", "turns": [{"question": "…", "kind": "…", "pages": ["…"]}]}``. ``pages``
are the sources of the documents of which any one answers the question; there are none for small talk. ``kind`` says
how a question leans; those in STANDING lean on nothing. The bot's turns are what the product answers when it is run.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answering import Done, Sources, answer
from rag.evaluation.dataset import DatasetError
from rag.generators.base import Turn
from rag.retrieval import Scope, search

STANDING = ("first", "change")
"""A dialogue's first question, and one on a new subject."""
CHITCHAT = "chitchat"
LEANING = "leaning"
"""The sum of all other kinds."""
_TURNS = 10
"""Messages of history, as in a chat."""
CUTOFFS = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    kind: str
    pages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dialogue:
    name: str
    turns: Sequence[Asked]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went."""

    dialogue: str
    asked: Asked
    ways: Mapping[str, str]
    """``standalone``, ``as sent`` and ``joined`` → the text that was searched for."""
    places: Mapping[str, int]
    """The same → place of the first right passage, from 1; 0 for none among the first five."""
    answered: bool
    """The answer was no refusal, and its first source is of a right page."""


def dialogues_read(path: Path) -> list[Dialogue]:
    """Raises DatasetError."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [
            Dialogue(
                row["id"],
                [Asked(turn["question"], turn["kind"], frozenset(turn["pages"])) for turn in row["turns"]],
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} cannot be read: {error!r}") from error


def run(dialogue: Dialogue, scope: Scope) -> list[Outcome]:
    """Ask the questions of a dialogue one after another, each with all that came before."""
    history: list[Turn] = []
    outcomes: list[Outcome] = []
    before = ""
    for asked in dialogue.turns:
        sources: Sources | None = None
        done: Done | None = None
        for event in answer(question=asked.question, history=history[-_TURNS:], scope=scope):
            sources = event if isinstance(event, Sources) else sources
            done = event if isinstance(event, Done) else done
        if sources is None or done is None:
            raise RuntimeError("An answer begins with its sources and ends with Done.")
        meant = str(done.metadata.get("standalone_question", ""))
        ways = {
            "standalone": meant or asked.question,
            "as sent": asked.question,
            "joined": f"{before} {asked.question}".strip(),
        }
        first = sources.sources[0].version.document.source_uri if sources.sources else ""
        outcomes.append(
            Outcome(
                dialogue.name,
                asked,
                ways,
                {way: _place(text, asked.pages, scope) for way, text in ways.items()},
                done.grounded and first in asked.pages,
            )
        )
        cited = tuple(f"{source.version.title} > {source.chunk.heading}" for source in done.cited.values())
        history += [Turn("user", asked.question, meant=meant), Turn("assistant", done.text, sources=cited)]
        before = before if asked.kind == CHITCHAT else asked.question
    return outcomes


def _place(text: str, pages: frozenset[str], scope: Scope) -> int:
    hits = search(query=text, scope=scope, top_k=max(CUTOFFS)).hits
    right = (place for place, hit in enumerate(hits, start=1) if hit.chunk.version.document.source_uri in pages)
    return next(right, 0)


def figures(outcomes: Iterable[Outcome]) -> dict[str, dict[str, dict[str, float]]]:
    """Kind → way → figure. ``top1`` is strict: the first passage is of a right page."""
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kind = outcome.asked.kind
        kinds[kind].append(outcome)
        if kind not in (*STANDING, CHITCHAT):
            kinds[LEANING].append(outcome)
    order = sorted(kinds, key=lambda kind: (kind != LEANING, kind in (*STANDING, CHITCHAT), kind))
    return {kind: _of_kind(kinds[kind]) for kind in order}


def _of_kind(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    def share(holds: Callable[[Outcome], bool]) -> float:
        return round(sum(map(holds, outcomes)) / len(outcomes), 4)

    found: dict[str, dict[str, float]] = {}
    for way in outcomes[0].places:
        tops = {f"top{k}": share(lambda outcome, way=way, k=k: 0 < outcome.places[way] <= k) for k in CUTOFFS}  # type: ignore[misc]
        found[way] = tops if outcomes[0].asked.pages else {}
    found["standalone"] |= {
        "turns": len(outcomes),
        "answered": share(lambda outcome: outcome.answered),
        "unchanged": share(lambda outcome: outcome.ways["standalone"] == outcome.asked.question),
    }
    return found
