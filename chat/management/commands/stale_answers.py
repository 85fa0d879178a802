"""``manage.py stale_answers``: answers whose sources have changed since."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from chat.replay_serializers import StaleAnswerSerializer
from chat.staleness import answers_stale


class Command(BaseCommand):
    help = "List the answers of which a source has been superseded, withdrawn, deleted or moved since, latest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=int, metavar="DAYS", help="Only answers of the last so many days.")
        parser.add_argument("--json", action="store_true", help="Print them as a JSON array.")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["since"]
        answers = [
            StaleAnswerSerializer(answer).data
            for answer in answers_stale(since=timezone.now() - timedelta(days=days) if days else None)
        ]
        if options["json"]:
            self.stdout.write(json.dumps(answers, indent=2, cls=JSONEncoder))
        else:
            for answer in answers:
                self.stdout.write(f"{answer['message_id']} {answer['timestamp']}")
                for source in answer["sources"]:
                    self.stdout.write(f"  {_line(source)}")
        count = len(answers)
        self.stderr.write(f"{count} answer{'' if count == 1 else 's'} with a source that has changed.")


def _line(source: Mapping[str, Any]) -> str:
    said = {True: ", text the same", False: ", text different"}.get(source["same_text"], "")
    moved = ", moved" if source["moved"] else ""
    return f"[{source['marker']}] {source['title']} v{source['version']}: {source['state']}{said}{moved}"
