"""An answer is taken apart into what it states, each with its markers."""

import pytest

from rag.citations.statements import statements


def stated(answer: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(found.text, found.markers) for found in statements(answer) if found.kind != "exempt"]


@pytest.mark.parametrize("answer", ["It is blue [1]. It is old [2].", "It is blue. [1] It is old. [2]"])
def test_a_marker_belongs_to_the_sentence_that_it_stands_in_or_behind(answer: str) -> None:
    assert [(text.rstrip(" .").replace(" .", ""), markers) for text, markers in stated(answer)] == [
        ("It is blue", (1,)),
        ("It is old", (2,)),
    ]


def test_the_marker_behind_a_list_is_that_of_its_parts() -> None:
    answer = "To renew a loan:\n\n1. Log in.\n2. Open the page Loans.\n3. Press Renew.\n[1]\n\nIt costs nothing. [2]"
    assert stated(answer) == [
        ("Log in.", (1,)),
        ("Open the page Loans.", (1,)),
        ("Press Renew.", (1,)),
        ("It costs nothing.", (2,)),
    ]


def test_the_marker_below_a_table_is_that_of_its_head_and_rows() -> None:
    answer = "| token | lives |\n|---|---|\n| access | 15 minutes, as Bearer … |\n| refresh | 7 days |\n\n[1]"
    assert stated(answer) == [
        ("token | lives", (1,)),
        ("access | 15 minutes, as Bearer …", (1,)),
        ("refresh | 7 days", (1,)),
    ]


def test_code_is_one_statement() -> None:
    assert stated("Run this:\n\n```\nmake run. Then\nwait[1]\n```\n[2]") == [("make run. Then\nwait[1]", (2,))]


@pytest.mark.parametrize(
    "answer",
    [
        "Hello!",
        "Of course.",
        "Here is what the passages say:",
        "## Fees",
        "The documents do not say how to pay.",
        "I could not find anything about fees.",
        "Would you like to know more?",
    ],
)
def test_what_states_nothing_needs_no_support(answer: str) -> None:
    assert stated(answer) == []


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Hello, the fee is 50 euros.", "Hello, the fee is 50 euros."),
        ("The passages do not say when, but it costs 50 euros.", "it costs 50 euros."),
        ("There are 3 steps:", "There are 3 steps:"),
        ("I'm happy to help, says Mr Smith.", "I'm happy to help, says Mr Smith."),
        ("This is the best bank in town.", "This is the best bank in town."),
    ],
)
def test_a_statement_does_not_hide_behind_a_greeting(answer: str, text: str) -> None:
    assert [found for found, _ in stated(answer)] == [text]
