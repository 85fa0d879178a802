"""Questions that lean on the one before, made to stand by themselves without a model."""

import pytest

from rag.followups.leaning import is_chitchat, may_lean
from rag.followups.rewriting import rewritten
from rag.followups.standalone import subject_before
from rag.generators.base import Turn


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("How long is the notice period for staff?", "and for interns?", "How long is the notice period for interns?"),
        ("How much does the Pro plan cost?", "what about Enterprise?", "How much does Enterprise cost?"),
        ("How do I open a parcel?", "a whole pallet?", "How do I open a whole pallet?"),
        ("How long does a day ticket last?", "and the week ticket?", "How long does the week ticket last?"),
        ("Is the pool open on Sundays?", "And in winter?", "Is the pool open in winter?"),
        ("What does error 12 mean?", "and 15?", "What does error 15 mean?"),
        ("Does a guard check the doors?", "How often?", "How often Does a guard check the doors?"),
        ("How do I print a photo?", "what about framed ones?", "How do I print framed photo?"),
    ],
)
def test_what_is_left_out_comes_from_the_question_before(before: str, question: str, whole: str) -> None:
    assert rewritten(question, before) == whole


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("What is a season ticket?", "how do I renew it?", "how do I renew a season ticket?"),
        ("Can guests bring their dogs?", "must they be on a lead?", "must guests be on a lead?"),
        ("What counts as a defect?", "who pays for one?", "who pays for a defect?"),
        ("Where are the lockers?", "how many of them are there?", "how many of the lockers are there?"),
        ("What does the boiler do?", "what is its pressure?", "what is the boiler's pressure?"),
        ("How do I book a tour?", "who may do that?", "who may book a tour?"),
    ],
)
def test_what_is_pointed_at_takes_the_pronoun_s_place(before: str, question: str, whole: str) -> None:
    assert rewritten(question, before) == whole


def test_what_is_only_implied_stands_behind_the_question() -> None:
    assert rewritten("is there a fee?", "Can I cancel my subscription?") == (
        "is there a fee? (to cancel my subscription)"
    )
    assert rewritten("how do I undo that?", "How do I merge two lists?") == "how do I undo that? (to merge two lists)"


def test_asking_for_more_asks_the_question_before_once_more() -> None:
    assert rewritten("Tell me more about that please", "What is a lien?") == "What is a lien?"
    assert rewritten("can you give me an example?", "What is a lien?") == "What is a lien?"


@pytest.mark.parametrize(
    "question",
    [
        "How do I return a borrowed book?",
        "Is it possible to pay a fee by card or cheque?",
        "Does a ticket that was lost get replaced?",
        "What happens if a parcel is damaged before it arrives?",
    ],
)
def test_a_question_that_says_it_all_is_left_alone(question: str) -> None:
    assert not may_lean(question)


@pytest.mark.parametrize("text", ["thanks!", "ok, great", "Hello", "Thank you very much", "got it"])
def test_small_talk_asks_nothing(text: str) -> None:
    assert is_chitchat(text)
    assert not is_chitchat("ok and how much is it?")


def test_a_chain_of_follow_ups_keeps_its_subject_through_small_talk() -> None:
    history = [
        Turn("user", "How do I book a tour?"),
        Turn("assistant", "In the portal [1]."),
        Turn("user", "and a meeting room?"),
        Turn("assistant", "At the desk [1]."),
        Turn("user", "thanks"),
        Turn("assistant", "I don't have specific information about this topic."),
    ]
    assert subject_before(history) == "How do I book a meeting room?"


def test_a_question_that_names_nothing_is_known_by_what_answered_it() -> None:
    history = [Turn("user", "what now?"), Turn("assistant", "…", sources=("Trips > Lost luggage",))]
    assert subject_before(history) == "what now? (Lost luggage)"


def test_another_language_is_not_cut_up_by_english_rules() -> None:
    assert rewritten("Wie lange dauert das?", "Wie buche ich eine Reise?") == (
        "Wie buche ich eine Reise? Wie lange dauert das?"
    )
