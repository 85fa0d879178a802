"""The handbook indexed and accounts made, in the environment of the product that is measured.

``python -m benchmarks.load.prepare 100 5`` makes so many accounts, and so many of editors, and prints as JSON the
questions that the handbook answers: each of its second headings is one.
"""

import json
import os
import re
import sys
from pathlib import Path

import django

HANDBOOK = Path(__file__).resolve().parents[2] / "documents" / "library"


def questions() -> list[str]:
    pages = sorted(HANDBOOK.rglob("*.md"))
    return [found for page in pages for found in re.findall(r"^## (.+\?)$", page.read_text(), re.MULTILINE)]


def main(users: int, editors: int) -> None:
    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    from users.models import Role, User

    call_command("migrate", verbosity=0)
    call_command("populate_documents", verbosity=0)
    password = make_password(os.environ["ACCOUNT_PASSWORD"])  # one hash for all: it is meant to be slow
    kinds = (("user", users, Role.USER), ("editor", editors, Role.EDITOR))
    accounts = [
        User(username=f"{kind}-{number}", email=f"{kind}-{number}@example.org", password=password, role=role)
        for kind, count, role in kinds
        for number in range(count)
    ]
    for account in accounts:
        account.is_verified = True
    User.objects.bulk_create(accounts, ignore_conflicts=True)
    print(json.dumps(questions()))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
