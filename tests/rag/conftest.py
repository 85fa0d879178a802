import pytest
from rest_framework.test import APIClient

from tests.knowledge import HOURS, LOANS, work


@pytest.fixture
def library(editor_client: APIClient) -> None:
    """A knowledge base of two documents about a town library."""
    for title, content in (("Opening hours", HOURS), ("Loans", LOANS)):
        assert editor_client.post("/api/rag/index/", {"title": title, "content": content}).status_code == 202
    work()
