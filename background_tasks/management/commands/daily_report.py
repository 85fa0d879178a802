"""``manage.py daily_report``: makes the report of a day, or tells the one that there is."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from background_tasks.reports.days import last_ended
from background_tasks.reports.letter import letter_of
from background_tasks.reports.making import report_make
from background_tasks.reports.serializers import ReportSerializer
from background_tasks.reports.story import story_of
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Make the report of a day, unless there is one, and print it. Mails nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=_date, help="Such as 2026-10-25; else the last whole day.")
        parser.add_argument("--again", action="store_true", help="Count its rows anew, if none of them is gone.")
        parser.add_argument("--json", action="store_true", help="Print it as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        day = options["date"] or last_ended(timezone.now(), settings.REPORTS["TIME_ZONE"]).date
        try:
            report = report_make(day=day, again=options["again"]).report
        except GroundedError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            told = ReportSerializer(story_of(report)).data
            self.stdout.write(json.dumps(told, indent=2, cls=DjangoJSONEncoder))
        else:
            self.stdout.write(letter_of(report).text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date such as 2026-10-25.") from None
