"""Put a new key for access and refresh tokens in use."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.keys import key_make, local_key_rotate

_OF_THE_ENVIRONMENT = """\
The key comes from the environment, so it is changed there. A new key: {new}

1. Set JWT_PREVIOUS_KEYS to the new key, and restart all servers: they believe it, and sign with the old one still.
   (With one server, begin with 2.)
2. Set JWT_SIGNING_KEY to the new key and JWT_PREVIOUS_KEYS to the old one, and restart all servers again.
3. After {days} days remove JWT_PREVIOUS_KEYS: all tokens of the old key have expired.

If the old key has leaked, set JWT_SIGNING_KEY only and restart: everybody logs in again."""


class Command(BaseCommand):
    help = "Puts a new key for access and refresh tokens in use. Tokens of the old one stay good until they expire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--leaked", action="store_true", help="Keep no former key, for one has leaked: everybody logs in again."
        )

    def handle(self, *args: Any, leaked: bool, **options: Any) -> None:
        lifetime = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
        path = settings.JWT_KEY_FILE
        if path is None:
            self.stdout.write(_OF_THE_ENVIRONMENT.format(new=key_make(), days=lifetime.days))
            return
        kept = local_key_rotate(path, keep_seconds=0 if leaked else lifetime.total_seconds())
        self.stdout.write(self.style.SUCCESS(f"{path} holds a new key and {kept} former."))
        self.stdout.write("Restart the server: until then it signs with the old key.")
