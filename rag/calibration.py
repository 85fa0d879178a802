"""Fitting the confidence of an answer to this knowledge base, by its golden questions and by some made from its text.

What moves is above all the threshold. It is set so that of the questions that must be answered the wanted share is
refused; few questions move it little. Weights are fitted only where editors have told enough questions of both kinds:
made questions that were made unanswerable by leaving their document out made the model worse (docs/abstention.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from django.conf import settings

from documents import selectors
from documents.models import Asker, Chunk
from rag.answerability import judging
from rag.answerability.features import NAMES
from rag.answerability.model import Array, Model, fit
from rag.boundaries import one_choice
from rag.calibration_questions import questions_make
from rag.followers import follow_all
from rag.models import Calibration
from rag.questions import scope_of
from rag.retrieval import CANDIDATES, Mode, Scope, meanings, search

MADE = 120
"""Questions made from passages."""
_ASKED = 500
"""Most golden questions."""
_ENOUGH_GOLDEN, _ENOUGH_REFUSED = 40, 20
_PRIOR = 100.0
"""What the shipped weights count, in questions."""
_HALF = 50
"""Golden questions at which the threshold goes half the way from the shipped one to what they say."""
_FARTHEST = 1.0
"""Logit by which made questions may move the threshold; they go half the way at most."""
FEWEST_CHUNKS = 200
"""A smaller knowledge base is judged as shipped, until somebody calls for a calibration."""
CHANGED = 0.2
"""Share of the chunks after whose change it is done again."""
_KEPT = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """Features of questions in one mode, a row for each."""

    golden: Array
    refused: Array
    """Of those that must be refused."""
    made: Array


def calibrate() -> Calibration:
    """Ask all questions, fit, and use what comes of it from now on. Raises ProviderError, OSError."""
    follow_all(shared=False)  # an index that is far behind, as on a new machine, answers next to nothing
    with one_choice():
        point = selectors.point()
        rows = {mode: _ask(mode) for mode in get_args(Mode)}
        fitted = {mode: calibrated(judging.shipped()[mode], asked) for mode, asked in rows.items()}
        calibration = Calibration.objects.create(
            space=judging.space_name(),
            ranking=judging.fingerprint(),
            revision=point.revision,
            chunks=_published(),
            weights={mode: model.kept() for mode, model in fitted.items()},
            questions={name: len(getattr(rows["hybrid"], name)) for name in ("golden", "refused", "made")},
            rates={mode: _rates(fitted[mode], asked) for mode, asked in rows.items()},
        )
    Calibration.objects.exclude(pk__in=Calibration.objects.values("pk")[:_KEPT]).delete()
    return calibration


def calibrate_if_due() -> Calibration | None:
    """Calibrate where so much has changed since that it may matter. Raises ProviderError."""
    return calibrate() if _due() else None


def calibrated(shipped: Model, asked: Asked) -> Model:
    """The shipped model, moved as far as the questions justify."""
    golden, refused = asked.golden, asked.refused
    model = shipped
    if len(golden) >= _ENOUGH_GOLDEN and len(refused) >= _ENOUGH_REFUSED:
        told = np.r_[np.ones(len(golden)), np.zeros(len(refused))]
        model = fit(np.r_[golden, refused], told, importance=np.ones(len(told)), prior=shipped, strength=_PRIOR)
    if len(golden) >= _ENOUGH_GOLDEN:
        before, wanted = (_refused_below(of, golden) for of in (shipped, model))
        # Where the shipped threshold lies among them, and from there towards the wanted rate.
        return model.shifted(wanted - before + before * len(golden) / (len(golden) + _HALF))
    if len(asked.made) >= MADE // 2:
        return model.shifted(float(np.clip(_refused_below(model, asked.made) / 2, -_FARTHEST, _FARTHEST)))
    return model


def _refused_below(model: Model, answerable: Array) -> float:
    """The logit below which the wanted share of these questions would be refused."""
    return float(np.quantile(model.logits(answerable), settings.RAG["FALSE_REFUSALS"]))


def _ask(mode: Mode) -> Asked:
    golden = list(selectors.questions_all()[:_ASKED])
    scopes = {asker: scope_of(asker) for asker in {question.asked_by for question in golden}}
    told = [(q.text, scopes[q.asked_by]) for q in golden if not q.must_refuse]
    refused = [(q.text, scopes[q.asked_by]) for q in golden if q.must_refuse]
    everything = scope_of(Asker.ADMIN)
    made = [(text, everything) for text in questions_make(MADE)]
    return Asked(*(_features(questions, mode) for questions in (told, refused, made)))


def _features(questions: Sequence[tuple[str, Scope]], mode: Mode) -> Array:
    vectors = meanings([text for text, _ in questions]) if questions and mode != "lexical" else [None] * len(questions)
    rows = []
    for (text, scope), meaning in zip(questions, vectors, strict=True):
        found = search(query=text, scope=scope, top_k=CANDIDATES // 2, mode=mode, meaning=meaning, strict=True)
        rows.append(judging.measure(text, found.hits))
    return np.array(rows).reshape(len(rows), len(NAMES))


def _rates(model: Model, asked: Asked) -> Mapping[str, float]:
    answerable = asked.golden if len(asked.golden) >= _ENOUGH_GOLDEN else asked.made
    rates = {}
    if len(answerable):
        rates["false_refusals"] = round(float((model.logits(answerable) < 0).mean()), 4)
    if len(asked.refused):
        rates["false_answers"] = round(float((model.logits(asked.refused) >= 0).mean()), 4)
    return rates


def _due() -> bool:
    chunks = _published()
    if chunks < FEWEST_CHUNKS:
        return False
    last = judging.in_use()
    if last is None:
        return True
    return selectors.changes_weight(after=last.revision, to=selectors.point().revision) > CHANGED * chunks


def _published() -> int:
    return Chunk.objects.filter(version__published_in__isnull=False).count()
