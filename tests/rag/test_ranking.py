"""The score of a passage: what the halves say, and how passages are compared with one another."""

import numpy as np
import pytest

from rag import ranking
from rag.ranking import Signals


def test_every_signal_has_a_weight() -> None:
    assert set(ranking.WEIGHTS) == set(Signals._fields)


def test_the_score_is_the_weighted_sum() -> None:
    told = Signals(cosine=0.5, lexical=0.4, sentence=1.0)
    assert ranking.scored(told) == pytest.approx(0.5 + 0.4 * ranking.WEIGHTS["lexical"] + ranking.WEIGHTS["sentence"])


def test_words_tell_less_where_all_candidates_are_about_one_subject() -> None:
    words, meaning = Signals(cosine=0.4, sentence=1.0, alike=0.5), Signals(cosine=0.55, alike=0.5)
    assert ranking.scored(words, crowding=0.5) > ranking.scored(meaning, crowding=0.5)
    assert ranking.scored(words, crowding=0.7) < ranking.scored(meaning, crowding=0.7)


def test_what_is_near_to_everything_is_held_back_more_where_all_candidates_are_about_one_subject() -> None:
    near, apart = Signals(cosine=0.5, alike=0.8), Signals(cosine=0.5, alike=0.4)
    leads = [ranking.scored(apart, crowding=mean) - ranking.scored(near, crowding=mean) for mean in (0.5, 0.7)]
    assert 0 < leads[0] < leads[1]


def test_by_words_alone_the_lexical_score_keeps_its_weight() -> None:
    assert ranking.scored(Signals(lexical=0.4), words_only=True) == pytest.approx(0.4)


def test_by_rank_the_first_in_both_halves_is_first() -> None:
    signals = {"a": Signals(0.9, 0.1), "b": Signals(0.8, 0.8), "c": Signals(0.0, 0.9)}
    scores = ranking.first_scores(signals, by_score=False)
    assert scores["b"] == pytest.approx(2 / 62)
    assert scores["a"] > scores["c"]


def test_what_is_like_all_others_is_told_from_what_is_not() -> None:
    cosines = np.array([[1, 0.9, 0.9], [0.9, 1, 0.1], [0.9, 0.1, 1]], dtype=np.float32)
    apart = ~np.eye(3, dtype=np.bool_)
    assert ranking.alike(cosines, apart) == pytest.approx([0.18, 0.1, 0.1])


def test_fellows_are_the_best_others_of_a_title() -> None:
    own = np.array([0.2, 0.6, 0.4, 0.9], dtype=np.float32)
    together = np.zeros((4, 4), dtype=np.bool_)
    together[:3, :3] = ~np.eye(3, dtype=np.bool_)
    assert ranking.fellows(own, together) == pytest.approx([0.5, 0.3, 0.4, 0.0])


def test_what_repeats_a_better_passage_comes_last() -> None:
    words = frozenset(f"word{letter}" for letter in "abcdefghijklmnopqrst")
    passages = [words, words - {"worda"}, frozenset({"something", "else"})]
    assert ranking.distinct(passages) == [0, 2, 1]


def test_the_same_words_with_other_numbers_are_no_repetition() -> None:
    words = frozenset(f"word{letter}" for letter in "abcdefghijklmnopqrst")
    assert ranking.distinct([words | {"2019"}, words | {"2020"}]) == [0, 1]
