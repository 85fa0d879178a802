"""Jupyter notebooks are texts, code, and what the code printed."""

import json
from typing import Any

import pytest

from documents.blocks import Block
from documents.loading import load

pytestmark = pytest.mark.once

CELLS: list[dict[str, Any]] = [
    {"cell_type": "markdown", "source": ["# Prices\n", "\n", "Some *text*."]},
    {
        "cell_type": "code",
        "source": "print(1)",
        "outputs": [
            {"output_type": "stream", "text": ["1\n"]},
            {"output_type": "execute_result", "data": {"text/plain": "42", "image/png": "iVBOR"}},
            {"output_type": "display_data", "data": {"image/png": "iVBOR"}},
            {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\x1b[0m"]},
        ],
    },
    {"cell_type": "raw", "source": "As it is."},
]


def test_cells_come_in_their_order() -> None:
    document = load(json.dumps({"nbformat": 4, "cells": CELLS}).encode(), "a.ipynb")
    assert document.blocks == (
        Block("heading", "Prices", level=1),
        Block("paragraph", "Some text."),
        Block("code", "print(1)"),
        Block("code", "1\n"),
        Block("code", "42"),
        Block("code", "ValueError: no"),
        Block("paragraph", "As it is."),
    )
    assert document.title == "Prices"


def test_the_title_may_be_in_the_properties() -> None:
    notebook = {"nbformat": 4, "metadata": {"title": "My notebook"}, "cells": CELLS}
    assert load(json.dumps(notebook).encode(), "a.ipynb").title == "My notebook"


def test_old_notebooks_are_read() -> None:
    cells = [{"cell_type": "heading", "level": 2, "source": "Old"}, {"cell_type": "code", "input": ["x = 1"]}]
    document = load(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode(), "a.ipynb")
    assert document.blocks == (Block("heading", "Old", level=2), Block("code", "x = 1"))
