"""What docs/ draws of the code is as the code is."""

import re
from pathlib import Path

from config.env import Environment
from tests.documentation.blocks import blocks
from tests.documentation.drawing import ARCHITECTURE, drawn


def test_the_drawings_are_those_of_the_code() -> None:
    for path, text in drawn().items():
        assert Path(path).read_text() == text, f"{path}: run `make docs`"


def test_the_drawing_of_processes_names_commands_and_variables_that_there_are() -> None:
    (processes,) = (block.text for block in blocks(ARCHITECTURE) if "manage.py run_worker" in block.text)
    variables = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", processes))
    assert {"DATABASE_URL", "REDIS_URL"} <= variables
    assert variables <= {name.upper() for name in Environment.model_fields}
    commands = set(re.findall(r"manage\.py (\w+)", processes))
    commands_there = {path.stem for path in ARCHITECTURE.parent.parent.glob("*/management/commands/*.py")}
    assert commands <= commands_there


def test_the_index_of_docs_lists_every_page() -> None:
    docs = ARCHITECTURE.parent
    listed = set(re.findall(r"\]\(([\w/-]+\.md)\)", (docs / "README.md").read_text()))
    assert listed == {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")} - {"README.md"}
