"""What tools were called for whom, on the admin site."""

from django.contrib import admin
from django.http import HttpRequest

from chat.models import ToolCall
from users.editor_pages import ReadMixin
from utils.admin_theme import ModelAdmin


@admin.register(ToolCall)
class ToolCallAdmin(ReadMixin, ModelAdmin[ToolCall]):
    """To be read."""

    list_display = ("at", "user", "name", "outcome", "duration_ms", "returned")
    list_filter = ("name", "outcome", "at")
    search_fields = ("answer__session__user__username", "name")
    list_select_related = ("answer__session__user",)
    ordering = ("-at",)

    @admin.display(description="Called for", ordering="answer__session__user__username")
    def user(self, call: ToolCall) -> str:
        return str(call.answer.session.user)

    def has_delete_permission(self, request: HttpRequest, obj: ToolCall | None = None) -> bool:
        """With their question or account only, so not from their own pages."""
        here = request.resolver_match and (request.resolver_match.url_name or "").startswith("chat_toolcall")
        return not here and super().has_delete_permission(request, obj)
