"""The start page of the admin site: the knowledge base's, and above it whether all is well."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from background_tasks.monitoring.health import health
from rag.admin.status import start_page as knowledge_page
from users.editor_pages import is_editor


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    context = knowledge_page(request, context)
    return context | {"health": health()} if is_editor(request) else context


admin.site.index_template = "background_tasks/admin/start.html"
