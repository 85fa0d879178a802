"""A small knowledge base, made as an editor makes one: texts handed in, then indexed by a worker."""

from typing import Any

from django.core.management import call_command
from rest_framework.test import APIClient


def submit(client: APIClient, title: str, content: str, **fields: Any) -> dict[str, Any]:
    """Hand a text in and let a worker index it. Returns the answer to the request."""
    answer = client.post("/api/rag/index/", {"title": title, "content": content, **fields})
    assert answer.status_code in (200, 202), answer.content
    work()
    body: dict[str, Any] = answer.json()
    return body


def work() -> None:
    """Index whatever is pending, in this process."""
    call_command("run_worker", once=True)


HOURS = "# Opening hours\n\nThe library is open from nine in the morning until six in the evening, Monday to Friday."
LOANS = (
    "# Loans\n\nA reader may borrow up to seven books at a time. A loan lasts four weeks.\n\n"
    "## Late returns\n\nWhoever brings a book back late pays twenty cents for each day and each book.\n\n"
    "## How do I renew a loan?\n\nTo renew a loan:\n\n1. Log in to the catalogue.\n2. Open the page Loans.\n"
    "3. Press the button Renew beside the book."
)
