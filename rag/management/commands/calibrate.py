"""``manage.py calibrate``: fit the confidence of answers to this knowledge base."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rag.calibration import calibrate
from rag.calibration_shipping import ship
from rag.followers import follow_all
from utils.errors import GroundedError


class Command(BaseCommand):
    help = "Set the threshold below which questions are refused by the golden questions and the passages there are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--ship",
            nargs="+",
            type=Path,
            metavar="DATASET_DIR",
            help="For developers: fit the weights that are shipped to these datasets, after a change of the ranking.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["ship"]:
            written = ship([directory.resolve() for directory in options["ship"]])
            for mode, sets in written["rates"].items():
                for name, kinds in sets.items():
                    for kind, figures in kinds.items():
                        self.stdout.write(f"{mode}, {name}, {kind}: {figures}")
            return
        try:
            follow_all()
            made = calibrate()
        except GroundedError as error:
            raise CommandError(error.detail) from error
        counts = ", ".join(f"{count} {kind}" for kind, count in made.questions.items())
        self.stdout.write(f"Calibrated by {counts} questions.")
        for mode, rates in made.rates.items():
            told = ", ".join(f"{name.replace('_', ' ')} {rate:.1%}" for name, rate in rates.items())
            self.stdout.write(f"{mode}: {told or 'as shipped'}")
