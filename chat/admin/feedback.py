"""What users think of answers, on the admin site."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.models import Feedback
from users.editor_pages import ReadMixin, is_admin
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin


@admin.register(Feedback)
class FeedbackAdmin(ReadMixin, EditorAdminMixin, ModelAdmin[Feedback]):
    """To be read. Whose it is is not told."""

    list_display = ("asked", "rating", "comment", "at", "made_of")
    list_filter = ("rating", "at", "message__grounded")
    search_fields = ("comment", "message__content", "message__parent__content")
    fields = readonly_fields = ("rating", "comment", "at", "asked", "answered", "made_of")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        return super().get_queryset(request).select_related("message__parent", "message__trace")

    @admin.display(description="Question")
    def asked(self, feedback: Feedback) -> str:
        return feedback.message.parent.content if feedback.message.parent else ""

    @admin.display(description="Answer")
    def answered(self, feedback: Feedback) -> str:
        return feedback.message.content

    @admin.display(description="Made of", empty_value="—")
    def made_of(self, feedback: Feedback) -> SafeString | None:
        """Leads to the replay of an answer that kept what it was made of."""
        if not hasattr(feedback.message, "trace"):
            return None
        return format_html('<a href="{}">Replay</a>', reverse("admin-message-replay", args=[feedback.message_id]))

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return is_admin(request)  # who deletes an account or a conversation deletes what was said of its answers
