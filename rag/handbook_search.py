"""The handbook's search box: the product's own search, by words, so that a visitor's search asks no provider."""

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from documents.handbook.pages import page_address
from documents.handbook.views import handbook_page
from documents.selectors import collections_visible
from rag.retrieval import Hit, Scope, search
from utils.client_address import client_address
from utils.errors import GroundedError
from utils.limits import limit_take

MOST_CHARACTERS = 400
_MOST = 15


class Passage(NamedTuple):
    address: str
    title: str
    heading: str
    text: str


@require_safe
@cache_control(private=True, no_cache=True)
def handbook_search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()[:MOST_CHARACTERS]
    template = "rag/handbook_search.html"
    try:
        limit_take("handbook_search", address=client_address(request))
        passages = _found(query) if query else []
    except GroundedError as error:
        return handbook_page(request, template, status=error.status, q=query, refused=error.detail)
    return handbook_page(request, template, q=query, passages=passages)


def _found(query: str) -> list[Passage]:
    """The best passages that are on a page of the handbook, one for each heading."""
    handbook = collections_visible(AnonymousUser()).filter(slug="handbook")
    scope = Scope(frozenset(handbook.values_list("pk", flat=True)))
    hits = search(query=query, scope=scope, top_k=_MOST, mode="lexical").hits
    passages = {passage.address: passage for passage in map(_passage, reversed(hits)) if passage.address}
    return list(reversed(passages.values()))


def _passage(hit: Hit) -> Passage:
    document, heading = hit.chunk.version.document, hit.chunk.heading
    last = heading.rpartition(" > ")[2]
    address = page_address(source_uri=document.source_uri, title=document.title, heading=heading)
    return Passage(address, document.title, last or document.title, hit.chunk.text.removeprefix(last).strip())
