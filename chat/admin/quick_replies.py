"""What a conversation may begin with, on the admin site."""

from django.contrib import admin

from chat.models import QuickReply
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin


@admin.register(QuickReply)
class QuickReplyAdmin(EditorAdminMixin, ModelAdmin[QuickReply]):
    list_display = ("text", "audience", "position", "active")
    list_editable = ("position", "active")
    list_filter = ("audience", "active")
    search_fields = ("text",)
