"""How close together the question's terms stand in a passage."""

from rag.ranking import PAIR_WEIGHT, WINDOW_WEIGHT, closeness

WEIGHTS = {"red": 1.0, "house": 2.0, "roof": 3.0}
QUESTION = ["red", "house", "roof"]


def test_all_terms_as_in_the_question_count_fully() -> None:
    assert closeness(QUESTION, ["a", "red", "house", "roof"], WEIGHTS) == WINDOW_WEIGHT + PAIR_WEIGHT


def test_no_term_counts_nothing() -> None:
    assert closeness(QUESTION, ["green", "tree"], WEIGHTS) == 0


def test_far_apart_only_the_best_stretch_counts() -> None:
    passage = ["red", *["x"] * 100, "roof"]
    assert closeness(QUESTION, passage, WEIGHTS) == WINDOW_WEIGHT * 0.5


def test_pairs_the_other_way_round_do_not_count() -> None:
    assert closeness(QUESTION, ["roof", "house", "red"], WEIGHTS) == WINDOW_WEIGHT


def test_an_empty_question_or_passage_counts_nothing() -> None:
    assert closeness([], ["red"], {}) == 0
    assert closeness(QUESTION, [], WEIGHTS) == 0
