import pytest
from rest_framework.test import APIClient

from tests.knowledge import HOURS, LOANS, submit


@pytest.fixture
def loans(editor_client: APIClient) -> str:
    """The id of a published document."""
    identity: str = submit(editor_client, "Loans", LOANS, category="Guide", metadata={"branch": "north"})["documents"][
        0
    ]["id"]
    return identity


@pytest.fixture
def hours(editor_client: APIClient) -> str:
    identity: str = submit(editor_client, "Opening hours", HOURS, category="FAQ")["documents"][0]["id"]
    return identity


@pytest.fixture
def document(hours: str) -> str:
    """The address of a published document."""
    return f"/api/documents/{hours}/"
