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


def hand_in(editor: APIClient, document: str, content: str, **fields: Any) -> dict[str, Any]:
    """Have a new version of a document, named by its address, indexed. Returns the version."""
    answer = editor.post(f"{document}versions/", {"content": content, **fields})
    assert answer.status_code == 202, answer.content
    work()
    version: dict[str, Any] = editor.get(f"{document}versions/{answer.json()['number']}/").json()
    return version


def opens_until(client: APIClient, **narrowed: Any) -> str:
    """What a search says about the closing time: six, or eight as in LONGER."""
    results = client.get("/api/rag/search/", {"q": "Until when is the library open?", **narrowed}).json()["results"]
    assert sum("in the evening" in result["text"] for result in results) == 1
    return "eight" if "eight in the evening" in results[0]["text"] else "six"


HOURS = "# Opening hours\n\nThe library is open from nine in the morning until six in the evening, Monday to Friday."
LONGER = HOURS.replace("six in the evening", "eight in the evening")
LOANS = (
    "# Loans\n\nA reader may borrow up to seven books at a time. A loan lasts four weeks.\n\n"
    "## Late returns\n\nWhoever brings a book back late pays twenty cents for each day and each book.\n\n"
    "## How do I renew a loan?\n\nTo renew a loan:\n\n1. Log in to the catalogue.\n2. Open the page Loans.\n"
    "3. Press the button Renew beside the book."
)
