import pytest
from rest_framework.test import APIClient

from documents.models import Document
from tests.kept import knowledge
from tests.knowledge import HOURS, LOANS, submit
from users.models import User


@pytest.fixture
def loans(editor: User, editor_client: APIClient) -> str:
    """The id of a published document."""
    fields = {"category": "Guide", "metadata": {"branch": "north"}}
    knowledge("loans", editor, lambda: submit(editor_client, "Loans", LOANS, **fields))
    return str(Document.objects.filter(title="Loans").latest("created_at").pk)


@pytest.fixture
def hours(editor: User, editor_client: APIClient) -> str:
    knowledge("hours", editor, lambda: submit(editor_client, "Opening hours", HOURS, category="FAQ"))
    return str(Document.objects.filter(title="Opening hours").latest("created_at").pk)


@pytest.fixture
def document(hours: str) -> str:
    """The address of a published document."""
    return f"/api/documents/{hours}/"
