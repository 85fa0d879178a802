"""In the place of Django's, which each test that commits ends with."""

from typing import Any

from django.core.management import BaseCommand

from tests import pristine


class Command(BaseCommand):
    stealth_options = ("interactive", "database", "reset_sequences", "allow_cascade", "inhibit_post_migrate")

    def handle(self, *args: Any, **options: Any) -> None:
        pristine.put_back()
