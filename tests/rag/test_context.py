"""What goes into a prompt: hits, joined where they touch, and what follows them in their section."""

import pytest
from rest_framework.test import APIClient

from documents.models import Collection
from rag.context import assemble
from rag.retrieval import Hit, Scope, search
from tests.knowledge import submit

STEPS = "\n".join(
    f"{number}. Turn valve {number} until the needle of gauge {number} is at rest." for number in range(30)
)


@pytest.fixture
def hits(editor_client: APIClient) -> list[Hit]:
    """The first chunk of a section that is cut in several, as the only hit."""
    submit(
        editor_client, "Boiler", f"# Starting the boiler\n\nDo this to start it.\n\n{STEPS}\n\n# Fuel\n\nIt burns oil."
    )
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    found = search(query="How do I start the boiler?", scope=scope, top_k=10).hits
    return [hit for hit in found if hit.chunk.position == 0]


def test_a_hit_goes_on_with_what_follows_in_its_section(hits: list[Hit]) -> None:
    [source] = assemble(hits, budget=2000)
    assert [chunk.position for chunk in source.chunks] == [0, 1]
    assert source.chunk == hits[0].chunk
    assert source.version.text[source.start : source.end] == source.text
    assert "burns oil" not in source.text


def test_it_does_not_where_there_is_no_room(hits: list[Hit]) -> None:
    [source] = assemble(hits, budget=hits[0].chunk.tokens + 10)
    assert source.chunks == (hits[0].chunk,)
