"""Search in the knowledge base, as far as the caller may see it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chat.tools.base import Caller, tool
from rag.services import scope_for
from rag.tooling import Result, documents_search

Slug = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


@tool(fits=lambda question: {"query": question})
def search_knowledge_base(
    caller: Caller,
    query: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
        Field(description="What to look for, as one question that can be understood by itself."),
    ],
    collection: Annotated[Slug | None, Field(description="Only in the collection with this slug.")] = None,
    category: Annotated[Slug | None, Field(description="Only in this category, such as FAQ, Guide or Policy.")] = None,
    top_k: Annotated[int, Field(ge=1, le=20, description="At most so many passages.")] = 8,
) -> Result:
    """Search the organisation's documents. Use it for every question that documents may answer."""
    scope = scope_for(asker=caller.user, collection=collection, category=category)
    return documents_search(query=query, asked=caller.question.content, scope=scope, top_k=top_k)
