"""Lets `python manage.py test` run the one suite there is."""

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any


class PytestRunner:
    """Django's test-runner interface in front of pytest."""

    def __init__(self, verbosity: int = 1, failfast: bool = False, keepdb: bool = False, **options: Any) -> None:
        self.arguments = (["-v"] if verbosity > 1 else []) + (["-x"] if failfast else [])
        self.arguments += ["--reuse-db"] if keepdb else []

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--keepdb", action="store_true", help="Keep the test database between runs.")

    def run_tests(self, test_labels: list[str], **options: Any) -> int:
        # A label may be a path or, as Django's own, a dotted name.
        paths = [label if Path(label.split("::")[0]).exists() else label.replace(".", "/") for label in test_labels]
        # A process of its own: this one has loaded other settings.
        return subprocess.call([sys.executable, "-m", "pytest", *self.arguments, *paths])
