"""The table in docs/faults.md is what is promised, measured and tested."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.faults.blows import BLOWS
from benchmarks.faults.promises import MEASURED, PROMISES, Promise, table

ROOT = Path(settings.BASE_DIR)


def test_the_documented_table_is_the_one_that_is_promised() -> None:
    documented = (ROOT / "docs" / "faults.md").read_text()
    assert table() in documented, f"The table in docs/faults.md should be:\n\n{table()}"


def test_every_measured_row_has_its_fault_and_every_fault_its_row() -> None:
    assert {row.name for row in MEASURED} == set(BLOWS)
    assert len({row.name for row in PROMISES}) == len(PROMISES)


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row.name)
def test_each_row_is_verified_by_tests_that_there_are(row: Promise) -> None:
    assert row.tests
    assert row.seen
    assert row.kept
    for told in row.tests:
        path, name = told.split("::")
        assert re.search(rf"^ *(async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.MULTILINE), told
