"""Every address of the product, room by room."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from chat.impact_views import VersionImpact
from chat.mcp_server.views import McpEndpoint
from chat.pages import web_chat, widget_script
from rag.handbook_search import handbook_search
from users.audit_views import AuditList
from utils.schema_view import Schema

admin.autodiscover()
urlpatterns = [
    path("", web_chat, name="web-chat"),
    path("handbook/search/", handbook_search, name="handbook-search"),
    path("handbook/", include("documents.handbook.urls")),
    path("admin/", include("users.second_factor.admin_urls")),
    path("admin/", include("documents.admin.urls")),
    path("admin/", include("rag.admin.urls")),
    path("admin/", include("chat.admin.urls")),
    path("admin/", include("background_tasks.reports.admin_urls")),
    path("admin/", include("background_tasks.admin_urls")),
    path("admin/", admin.site.urls),
    path("", include("background_tasks.monitoring.urls")),
    path("api/", include("utils.urls")),
    path("api/auth/", include("users.urls")),
    path("api/audit/", AuditList.as_view()),
    path("api/jobs/", include("background_tasks.urls")),
    path("api/chat/", include("chat.urls")),
    path("api/chatbot/", include("chat.assistant_urls")),
    path("api/chatbot/", include("chat.visitor_urls")),
    path("api/chatbot/widget.js", widget_script, name="widget"),
    path("v1/", include("chat.openai_api.urls")),
    re_path(r"^mcp/?$", McpEndpoint.as_view(), name="mcp"),
    path("api/documents/", include("documents.urls")),
    path("api/documents/<uuid:document_id>/versions/<int:number>/impact/", VersionImpact.as_view()),
    path("api/learning/", include("learning.urls")),
    path("api/rag/", include("rag.urls")),
    path("api/reports/", include("background_tasks.reports.urls")),
    path("api/sessions/", include("learning.tutoring.urls")),
    path("api/schema/", Schema.as_view(), name="schema"),
    path(
        "api/docs/", SpectacularSwaggerView.as_view(url_name="schema", template_name="utils/swagger.html"), name="docs"
    ),
    path("api/redoc/", SpectacularRedocView.as_view(url_name="schema", template_name="utils/redoc.html"), name="redoc"),
]

handler400 = "utils.problems.bad_request"
handler403 = "utils.problems.permission_denied"
handler404 = "utils.problems.not_found"
handler500 = "utils.problems.server_error"
