"""What a conversation may begin with, on the admin site."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import QuickReply
from chat.quick_replies import quick_reply_delete, quick_reply_save
from users.editor_pages import editor_of
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin


@admin.register(QuickReply)
class QuickReplyAdmin(EditorAdminMixin, ModelAdmin[QuickReply]):
    list_display = ("text", "audience", "position", "active")
    list_editable = ("position", "active")
    list_filter = ("audience", "active")
    search_fields = ("text",)

    def save_model(self, request: HttpRequest, obj: QuickReply, form: Any, change: bool) -> None:
        quick_reply_save(actor=editor_of(request), reply=obj)

    def delete_model(self, request: HttpRequest, obj: QuickReply) -> None:
        quick_reply_delete(actor=editor_of(request), reply=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[QuickReply]) -> None:
        for reply in queryset:
            self.delete_model(request, reply)
