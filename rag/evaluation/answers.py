"""How good the answers are: whether they hold what is asked for, how long they are, and what their citations rest on.

The answers are those of whatever generators the settings name, each to a question without a history. Nothing is saved.
"""

import re
import string
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt

from documents.models import Version
from documents.sentences import sentences
from rag.answering import Done, answer
from rag.evaluation.dataset import Dataset
from rag.evaluation.measuring import Figures, Progress, quantile
from rag.retrieval import Scope

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_MARKERS = re.compile(r"\s*((?:\[\d{1,3}\]\s*)+)")
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_WORD = re.compile(r"\w")
_Z = 1.96
"""Of the normal distribution, for 95 %."""


@dataclass
class _Tally:
    asked: int = 0
    with_gold: int = 0
    held: int = 0
    refused: int = 0
    refused_with_gold: int = 0
    sentences: int = 0
    uncited: int = 0
    citations: int = 0
    dangling: int = 0
    words: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def add(self, done: Done, gold: Sequence[str]) -> None:
        self.asked += 1
        self.with_gold += bool(gold)
        if not done.grounded:
            self.refused += 1
            self.refused_with_gold += bool(gold)
            return
        self.held += holds(done.text, gold)
        self.words.append(len(_MARKERS.sub(" ", done.text).split()))
        said = cited_sentences(done.text)
        self.sentences += len(said)
        self.uncited += said.count(False)
        for source in done.cited.values():
            self.citations += 1
            text = _version_text(str(source.version.pk))
            self.dangling += source.start >= source.end or text[source.start : source.end] != source.text

    def summary(self) -> dict[str, float]:
        answered = self.with_gold - self.refused_with_gold
        words, times = sorted(self.words), sorted(self.milliseconds)
        return {
            **_share("hold_gold", self.held, self.with_gold),
            **_share("hold_gold_of_answered", self.held, answered),
            **_share("refused", self.refused, self.asked),
            "words_p50": quantile(words, 0.5),
            "words_p95": quantile(words, 0.95),
            **_share("sentences_cited", self.sentences - self.uncited, self.sentences),
            "answers": float(len(self.words)),
            "citations": float(self.citations),
            "citations_dangling": float(self.dangling),
            "answer_ms_p50": round(quantile(times, 0.5), 1),
            "answer_ms_p99": round(quantile(times, 0.99), 1),
        }


def measure(dataset: Dataset, scope: Scope, progress: Progress) -> Figures:
    """Ask every question that the dataset answers."""
    tally = _Tally()
    _version_text.cache_clear()
    for query_id, query in progress(dataset.queries.items()):
        started = time.perf_counter()
        done = next(event for event in answer(question=query, history=(), scope=scope) if isinstance(event, Done))
        tally.milliseconds.append((time.perf_counter() - started) * 1000)
        tally.add(done, _gold(dataset.metadata.get(query_id, {})))
    return {"answers": tally.summary()}


def holds(text: str, gold: Sequence[str]) -> bool:
    """Whether one of the gold strings is in the text, both in SQuAD's normal form and without markers."""
    there = _normal(_MARKERS.sub(" ", text))
    return any(wanted in there for wanted in map(_normal, gold) if wanted)


def cited_sentences(text: str) -> list[bool]:
    """For each sentence of an answer whether a marker follows it; code, and a table, count as one each.

    A marker stands behind the stop of its sentence or before it.
    """
    found: list[bool] = []
    # Code and tables are said as a whole, and their marker is on the next line.
    text = re.sub(r"(?:^[^\S\n]*\|.*\n?)+", "table.\n", _CODE.sub("code.", text), flags=re.MULTILINE)
    text = re.sub(r"\n…$", "", text, flags=re.MULTILINE)
    position = 0
    for match in [*_MARKERS.finditer(text), None]:
        part = text[position : match.start() if match else len(text)]
        said = [part[start:end] for start, end in sentences(part) if _WORD.search(part[start:end])]
        found += [False] * (len(said) - 1) + [match is not None] * bool(said)
        position = match.end() if match else len(text)
    return found


def _gold(metadata: Mapping[str, object]) -> list[str]:
    answers = metadata.get("answers")
    return [str(one) for one in answers] if isinstance(answers, list) else []


@lru_cache(maxsize=1000)
def _version_text(pk: str) -> str:
    """As the database has it now, not as the answer was made with."""
    return Version.objects.values_list("text", flat=True).get(pk=pk)


def _normal(text: str) -> str:
    """SQuAD's normal form: lower case, no punctuation, no articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def _share(name: str, part: int, whole: int) -> dict[str, float]:
    """With its Wilson interval of 95 %; nothing where there is nothing to share."""
    if not whole:
        return {}
    share = part / whole
    centre = share + _Z**2 / (2 * whole)
    spread = _Z * sqrt(share * (1 - share) / whole + _Z**2 / (4 * whole**2))
    below, above = ((centre + sign * spread) / (1 + _Z**2 / whole) for sign in (-1, 1))
    return {name: round(share, 4), f"{name}_from": round(max(below, 0), 4), f"{name}_to": round(min(above, 1), 4)}
