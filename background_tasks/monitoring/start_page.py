"""The start page of the admin site: the knowledge base's, and above it whether all is well."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from background_tasks.monitoring.health import health
from rag.admin.status import start_page as knowledge_page
from users.editor_pages import is_editor


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    context = knowledge_page(request, context)
    if not is_editor(request):
        return context
    told = render_to_string("background_tasks/admin/_health.html", {"health": health()})
    return context | {"above": [told, *context.get("above", ())]}
