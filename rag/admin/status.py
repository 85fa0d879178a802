"""The state of the knowledge base on the admin site."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase

from documents.models import State, Version
from rag import selectors
from rag.models import QuestionRun
from users.editor_pages import editor_page, is_editor, render_page

_MOST_FAILURES = 20


def overview() -> dict[str, Any]:
    found = selectors.status()
    failures = Version.objects.exclude(error_code="").filter(state__in=[State.FAILED, State.DRAFT, State.QUARANTINED])
    return {
        "knowledge": found,
        "states": [(State(state), count) for state, count in found["versions"].items() if count],
        "failures": failures.select_related("document").defer("text").order_by("-created_at")[:_MOST_FAILURES],
        "last_run": QuestionRun.objects.first(),
    }


@editor_page
def status(request: HttpRequest) -> HttpResponseBase:
    return render_page(request, "rag/admin/status.html", title="Status", **overview())


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the site's start page shows besides."""
    return context | overview() if is_editor(request) else context


admin.site.index_title = "Knowledge base"
admin.site.index_template = "rag/admin/start.html"
