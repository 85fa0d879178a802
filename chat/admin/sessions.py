"""Conversations in the admin site, to read."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from chat.models import Message, Session
from utils.admin_theme import ModelAdmin, TabularInline


class MessageInline(TabularInline[Message, Session]):
    model = Message
    fields = readonly_fields = ("sender_type", "content", "sources", "status", "grounded", "model", "response_time_ms")
    extra = 0
    can_delete = False

    def has_add_permission(self, *_: object) -> bool:
        return False

    @admin.display(description="Citations", empty_value="—")
    def sources(self, message: Message) -> SafeString | None:
        """Each leads to the chunk that was quoted."""
        rows = (
            (reverse("admin-chunk", args=[citation.chunk_id]), citation.marker, citation.title)
            for citation in message.citations.all()
        )
        return format_html_join(" ", '<a href="{}">[{}] {}</a>', rows) or None


@admin.register(Session)
class SessionAdmin(ModelAdmin[Session]):
    list_display = ("title", "user", "created_at", "updated_at")
    search_fields = ("title", "user__username", "messages__content")
    readonly_fields = ("user", "title")
    inlines = [MessageInline]

    def has_add_permission(self, *_: object) -> bool:
        return False

    def has_change_permission(self, *_: object) -> bool:
        return False
