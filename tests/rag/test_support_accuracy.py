"""The offline checker tells supported sentences from others, on claims of several domains and languages."""

from benchmarks.support import judge, precision_recall


def test_few_claims_are_judged_wrongly() -> None:
    judged = judge()
    assert len(judged) > 150
    precision, recall = precision_recall(judged)
    assert precision > 0.92
    assert recall > 0.82


def test_quotations_are_never_flagged() -> None:
    assert all(one.verdict.supported for one in judge() if one.verdict.score == 1)
