"""What users, and visitors of each website, have used, on the admin site."""

from django.contrib import admin

from chat.models import Usage, VisitorUsage
from utils.admin_theme import ModelAdmin


@admin.register(Usage)
class UsageAdmin(ModelAdmin[Usage]):
    """To be read; deleting a day gives its tokens back."""

    list_display = ("day", "user", "answers", "prompt_tokens", "completion_tokens")
    list_filter = ("day",)
    search_fields = ("user__username",)
    list_select_related = ("user",)
    ordering = ("-day", "user")

    def has_add_permission(self, *_: object) -> bool:
        return False

    def has_change_permission(self, *_: object) -> bool:
        return False


@admin.register(VisitorUsage)
class VisitorUsageAdmin(ModelAdmin[VisitorUsage]):
    """As that of users."""

    list_display = ("day", "origin", "answers", "prompt_tokens", "completion_tokens")
    list_filter = ("day", "origin")
    ordering = ("-day", "origin")

    def has_add_permission(self, *_: object) -> bool:
        return False

    def has_change_permission(self, *_: object) -> bool:
        return False
