"""``manage.py replay MESSAGE_ID``: what an answer was made of, and what has changed since."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rest_framework.utils.encoders import JSONEncoder

from chat.replay_serializers import ReplaySerializer
from chat.replaying import Replay, ReplayedPassage, answer_replay
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Show the passages, scores and settings of an answer, search again as of then, and tell what has changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("message", type=UUID, metavar="MESSAGE_ID")
        parser.add_argument("--json", action="store_true", help="Print what the API answers.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            replay = answer_replay(message_id=options["message"])
        except GroundedError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps(ReplaySerializer(replay).data, indent=2, cls=JSONEncoder))
        else:
            self._show(replay)

    def _show(self, replay: Replay) -> None:
        message, trace = replay.message, replay.trace
        self.stdout.write(f"{message.timestamp:%Y-%m-%d %H:%M:%S}  {trace.search['question']}")
        self.stdout.write(f"{message.content}\n")
        self.stdout.write(
            f"model {message.model}, grounded {message.grounded}, confidence {trace.confidence}, "
            f"{trace.search['mode']} search at revision {trace.revision}"
        )
        self.stdout.write(f"prompt {trace.prompt_hash or 'none'}, its rules {trace.system_hash or 'none'}")
        for name, value in trace.search["settings"].items():
            changed = replay.settings_changed.get(name)
            self.stdout.write(f"{name} {value}" + (f", now {changed['now']}" if changed else ""))
        self.stdout.write("\nConsidered for the context:")
        for place, passage in enumerate(replay.passages, start=1):
            self.stdout.write(f"{place}. {_line(passage)}")
        self.stdout.write("\nSearched again as of then: " + ("the same." if replay.same else "not the same."))
        for place, hit in enumerate(replay.again, start=1):
            version = hit.chunk.version
            self.stdout.write(f"{place}. {hit.score:.3f} {hit.chunk.pk} {version.title} v{version.number}")
        for note in replay.notes:
            self.stdout.write(f"- {note.detail}")
        if replay.stale:
            self.stdout.write(self.style.WARNING("A source of this answer has changed since."))


def _line(passage: ReplayedPassage) -> str:
    traced, fate = passage.traced, passage.fate
    marker = f"[{traced['marker']}]" if traced["marker"] is not None else "no room"
    title = passage.chunk.version.title if passage.chunk else "(deleted)"
    parts = [marker, f"{traced['score']:.3f}", traced["chunk_id"], f"{title} v{traced['version']}", fate.state]
    if fate.state == "superseded":
        parts.append(f"by v{fate.published}, text {'the same' if fate.same_text else 'different'}")
    return " ".join([*parts, "moved"] if fate.moved else parts) + (", cited" if passage.citation else "")
