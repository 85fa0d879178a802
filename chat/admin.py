"""Conversations in the admin site, to read."""

from django.contrib import admin

from chat.models import Message, Session


class MessageInline(admin.TabularInline[Message, Session]):
    model = Message
    fields = readonly_fields = ("sender_type", "content", "status", "grounded", "model", "response_time_ms")
    extra = 0
    can_delete = False

    def has_add_permission(self, *_: object) -> bool:
        return False


@admin.register(Session)
class SessionAdmin(admin.ModelAdmin[Session]):
    list_display = ("title", "user", "created_at", "updated_at")
    search_fields = ("title", "user__username", "messages__content")
    readonly_fields = ("user", "title")
    inlines = [MessageInline]

    def has_add_permission(self, *_: object) -> bool:
        return False
