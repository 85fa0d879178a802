import pytest
from rest_framework.test import APIClient

from tests.knowledge import HOURS, LOANS, submit


@pytest.fixture
def library(editor_client: APIClient) -> None:
    """A knowledge base of two documents about a town library."""
    submit(editor_client, "Opening hours", HOURS)
    submit(editor_client, "Loans", LOANS)
