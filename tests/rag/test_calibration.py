"""Fitting the confidence of answers to a knowledge base."""

import json

import numpy as np
import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from rag.answerability import judging
from rag.answerability.features import NAMES
from rag.answerability.model import Array, Model, fit
from rag.answerability.parts import parts
from rag.calibration import Asked, calibrate, calibrate_if_due, calibrated
from rag.calibration_questions import questions_make
from rag.models import Calibration
from tests.knowledge import HOURS, LOANS, submit

NONE = np.zeros((0, len(NAMES)))
SHIPPED = Model(np.eye(len(NAMES))[0], 0.0)
"""Whose logit is the first feature."""


def rows(*logits: float) -> Array:
    return np.outer(logits, np.eye(len(NAMES))[0])


def test_each_mode_is_shipped_with_weights_of_its_own_for_all_features() -> None:
    kept = {mode: model.kept() for mode, model in judging.shipped().items()}
    assert set(kept) == {"hybrid", "dense", "lexical"}
    assert len({weights["bias"] for weights in kept.values()}) == 3
    told = json.loads(judging.SHIPPED.read_text())["weights"]
    assert all(set(weights) == {*NAMES, "bias"} for weights in told.values())


def test_without_questions_the_shipped_model_stays() -> None:
    assert calibrated(SHIPPED, Asked(NONE, NONE, NONE)) is SHIPPED


def test_golden_questions_move_the_threshold_towards_the_wanted_rate(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "FALSE_REFUSALS": 0.05}
    logits = np.linspace(-3, 3, 50)
    half = calibrated(SHIPPED, Asked(rows(*logits), NONE, NONE))
    assert half.bias == pytest.approx(-np.quantile(logits, 0.05) / 2)
    many = calibrated(SHIPPED, Asked(rows(*np.linspace(-3, 3, 4950)), NONE, NONE))
    assert (many.logits(rows(*logits)) < 0).mean() == pytest.approx(0.05, abs=0.03)


def test_made_questions_move_it_a_little() -> None:
    moved = calibrated(SHIPPED, Asked(NONE, NONE, rows(*[9.0] * 100)))
    assert moved.bias == -1.0
    assert calibrated(SHIPPED, Asked(NONE, NONE, rows(*[9.0] * 10))) is SHIPPED


def test_questions_to_be_refused_teach_the_weights() -> None:
    chance = np.random.default_rng(0)
    features = chance.normal(size=(400, len(NAMES)))
    golden, refused = features[features[:, 1] > 0], features[features[:, 1] <= 0]
    moved = calibrated(SHIPPED, Asked(golden, refused, NONE))
    assert moved.weights[1] > 0.5


def test_a_fit_without_questions_of_note_is_its_prior() -> None:
    fitted = fit(rows(1, -1), np.array([1.0, 0.0]), importance=np.full(2, 1e-9), prior=SHIPPED)
    assert fitted.weights == pytest.approx(SHIPPED.weights, abs=1e-6)


@pytest.mark.usefixtures("library")
def test_a_calibration_is_kept_and_used_for_its_embedder_alone(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("calibrate")
    assert "hybrid: false refusals" in capsys.readouterr().out
    kept = Calibration.objects.get()
    assert judging.in_use() == kept
    assert set(kept.weights) == {"hybrid", "dense", "lexical"}
    made = len(list(questions_make(10)))
    assert kept.questions == {"golden": 0, "refused": 0, "made": made}
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    assert judging.in_use() is None
    Calibration.objects.update(space="", ranking="of another time")
    assert judging.in_use() is None


@pytest.mark.usefixtures("library")
def test_what_was_calibrated_decides(client: APIClient) -> None:
    question = {"q": "How many books may a reader borrow?"}
    assert client.get("/api/rag/search/", question).json()["answerable"] is True
    kept = calibrate()
    Calibration.objects.filter(pk=kept.pk).update(
        weights={mode: {**weights, "bias": -99.0} for mode, weights in kept.weights.items()}
    )
    assert client.get("/api/rag/search/", question).json()["answerable"] is False


def test_it_is_calibrated_after_larger_changes(editor_client: APIClient, settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}  # by words alone, to be quick
    submit(editor_client, "Hours", HOURS)
    assert calibrate_if_due() is None  # too little to calibrate by
    submit(
        editor_client, "Chapters", "".join(f"# Chapter {n}\n\nWord{n} stands in chapter {n}.\n\n" for n in range(250))
    )
    assert calibrate_if_due() == judging.in_use()
    assert calibrate_if_due() is None  # nothing has changed since


def test_questions_are_made_of_sentences_the_same_ones_each_time(editor_client: APIClient) -> None:
    submit(editor_client, "Loans", LOANS)
    made = list(questions_make(10))
    said = set(LOANS.replace(".", " ").replace(",", " ").split())
    assert made
    assert all(said.issuperset(question.split()) for question in made)
    assert list(questions_make(10)) == made
    assert list(questions_make(1)) == made[:1]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What is a loan?", ["What is a loan?"]),
        ("What is a loan? How do I renew it?", ["What is a loan? How do I renew it?"]),
        ("What is a loan? How do I renew a book?", ["What is a loan?", "How do I renew a book?"]),
        ("How long is a loan period and what does a late return cost?",
         ["How long is a loan period", "what does a late return cost?"]),
        ("Which books and newspapers are there?", ["Which books and newspapers are there?"]),
        ("When a book is returned late, what happens?", ["When a book is returned late, what happens?"]),
        ("How many books, old ones included, may a reader borrow?",
         ["How many books, old ones included, may a reader borrow?"]),
        ("How many loans, once overdue, did readers renew?", ["How many loans, once overdue, did readers renew?"]),
    ],
)  # fmt: skip
def test_a_question_falls_apart_only_where_each_part_can_stand_alone(question: str, asked: list[str]) -> None:
    assert parts(question) == asked
