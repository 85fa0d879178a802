"""What users, and visitors of each website, have used, on the admin site."""

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import DailyUsage, Usage, VisitorUsage
from users.audit import audit_removal
from users.editor_pages import ReadMixin, editor_of
from utils.admin_theme import ModelAdmin


class TokensGivenBack:
    """Days are deleted on record."""

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: DailyUsage) -> None:
        told = ("day", "prompt_tokens", "completion_tokens")
        subject = obj.user if isinstance(obj, Usage) else None
        audit_removal(actor=editor_of(request), row=obj, object_type="usage", fields=told, subject=subject)
        obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[DailyUsage]) -> None:
        for day in queryset:
            self.delete_model(request, day)


@admin.register(Usage)
class UsageAdmin(TokensGivenBack, ReadMixin, ModelAdmin[Usage]):
    """To be read; deleting a day gives its tokens back."""

    list_display = ("day", "user", "answers", "prompt_tokens", "completion_tokens")
    list_filter = ("day",)
    search_fields = ("user__username",)
    list_select_related = ("user",)
    ordering = ("-day", "user")


@admin.register(VisitorUsage)
class VisitorUsageAdmin(TokensGivenBack, ReadMixin, ModelAdmin[VisitorUsage]):
    """As that of users."""

    list_display = ("day", "origin", "answers", "prompt_tokens", "completion_tokens")
    list_filter = ("day", "origin")
    ordering = ("-day", "origin")
