"""``manage.py check_questions``: asks all golden questions."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rag.questions import questions_check
from rag.serializers import QuestionRunDetailSerializer
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Ask all golden questions and keep the results. The exit code is 1 if one of them fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the run as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = questions_check()
        except GroundedError as error:
            raise CommandError(error.detail, returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(QuestionRunDetailSerializer(run).data, indent=2))
        else:
            for result in run.results.all():
                passed = self.style.SUCCESS("passed") if result.passed else self.style.ERROR("failed")
                self.stdout.write(f"{passed} {result.text}" + (f": {result.reason}" if result.reason else ""))
        if run.failed:
            raise CommandError(f"{run.failed} of {run.passed + run.failed} golden questions fail.")
        self.stderr.write(f"All {run.passed} golden questions pass.")
