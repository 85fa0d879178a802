"""Which tool a question gets where no model decides: the labelled questions, of which half was kept to measure."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.tools.registry import tools_all

QUESTIONS = Path(__file__).with_name("labelled") / "questions.txt"
SEARCH = "search_knowledge_base"


def labelled(*, kept: bool) -> Iterator[tuple[str, str, str]]:
    lines = [line for line in QUESTIONS.read_text().splitlines() if not line.startswith("#")]
    for line in lines[1 if kept else 0 :: 2]:
        role, tool, question = line.split(" | ", 2)
        yield role, tool, question


def routed(role: str, question: str) -> tuple[str, Any]:
    for tool in tools_all():
        if role in tool.roles and (found := tool.spec.fits(question)) is not None:
            tool.arguments.model_validate(dict(found))
            return tool.spec.name, found
    raise AssertionError("The search takes every question.")


@pytest.mark.parametrize(("kept", "found"), [(False, 1.0), (True, 0.86)])
def test_tools_are_picked_for_their_questions_and_no_others(kept: bool, found: float) -> None:
    rows = [(tool, routed(role, question)[0]) for role, tool, question in labelled(kept=kept)]
    picked = [(tool, got) for tool, got in rows if got != SEARCH]
    wanted = [(tool, got) for tool, got in rows if tool != SEARCH]
    assert 2 * len(wanted) < len(rows) + 1
    assert all(tool == got for tool, got in picked)  # precision
    assert sum(tool == got for tool, got in wanted) / len(wanted) >= found  # recall


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("Courses about python under 50", {"query": "python", "max_price": 50.0}),
        ("which beginner courses are there?", {"difficulty": "easy"}),
        ("are there courses between 20 and 60 euros?", {"min_price": 20.0, "max_price": 60.0}),
        ("Free courses for beginners", {"max_price": 0, "difficulty": "easy"}),
        ("Which courses are available in the category Cooking?", {"category": "cooking"}),
        ("who teaches Python?", {"query": "python"}),
        ("what are the newest courses?", {"sort": "newest"}),
        ("list all courses", {}),
    ],
)
def test_conditions_are_read(question: str, arguments: dict[str, Any]) -> None:
    assert routed("student", question) == ("find_courses", arguments)


def test_my_courses_are_what_one_teaches_or_takes() -> None:
    assert routed("teacher", "my courses")[0] == "my_course_statistics"
    assert routed("student", "my courses")[0] == "my_enrolments"
