"""What was asked and answered, on the admin site: of visitors for editors, of everybody for admins."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from chat.activity import response_times
from chat.models import Message
from users.editor_pages import ReadMixin, is_admin
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin

_SHOWN = 160
_FAST, _SLOW = 1000, 5000


class AskedByFilter(admin.SimpleListFilter):
    """Of messages, and with another path of sessions."""

    title = "whose"
    parameter_name = "whose"
    path = "session__"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("visitor", "Visitors"), ("user", "Users")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{f"{self.path}{value}__isnull": False}) if value in ("visitor", "user") else queryset


class ResponseTimeFilter(admin.SimpleListFilter):
    title = "response time"
    parameter_name = "took"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("fast", "Less than a second"), ("medium", "1 to 5 seconds"), ("slow", "More than 5 seconds")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        times = {
            "fast": Q(response_time_ms__lt=_FAST),
            "medium": Q(response_time_ms__range=(_FAST, _SLOW)),
            "slow": Q(response_time_ms__gt=_SLOW),
        }
        return queryset.filter(times.get(self.value() or "", Q()))


@admin.register(Message)
class MessageAdmin(ReadMixin, EditorAdminMixin, ModelAdmin[Message]):
    """To be read. The whole of a conversation is shown by the link to it."""

    list_display = ("timestamp", "sender_type", "said", "whose", "status", "grounded", "took", "conversation")
    list_filter = (AskedByFilter, "sender_type", "status", "grounded", ResponseTimeFilter, "session__visitor__origin")
    list_filter_sheet = True
    list_before_template = "chat/admin/response_times.html"
    date_hierarchy = "timestamp"
    ordering = ("-timestamp", "-position")
    search_fields = (
        "content", "session__visitor__name", "session__visitor__email", "session__user__username",
    )  # fmt: skip
    fields = readonly_fields = (
        "timestamp", "sender_type", "content", "status", "grounded", "model", "took", "whose", "conversation",
        "made_of",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        found = super().get_queryset(request).select_related("session__user", "session__visitor", "trace")
        return found if is_admin(request) else found.filter(session__user=None)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            context["times"] = response_times(context["cl"].queryset)
        return response

    @admin.display(description="Text")
    def said(self, message: Message) -> str:
        return Truncator(message.content).chars(_SHOWN)

    @admin.display(description="Whose")
    def whose(self, message: Message) -> str:
        return str(message.session.owner)

    @admin.display(description="Response time", ordering="response_time_ms", empty_value="—")
    def took(self, message: Message) -> str | None:
        return None if message.response_time_ms is None else f"{message.response_time_ms:,} ms"

    @admin.display(description="Conversation")
    def conversation(self, message: Message) -> SafeString:
        page = f"{reverse('admin:chat_message_changelist')}?session__id__exact={message.session_id}&o=1"
        return format_html('<a href="{}">{}</a>', page, message.session)

    @admin.display(description="Made of", empty_value="—")
    def made_of(self, message: Message) -> SafeString | None:
        """Leads to the replay of an answer that kept what it was made of."""
        if not hasattr(message, "trace"):
            return None
        return format_html('<a href="{}">Replay</a>', reverse("admin-message-replay", args=[message.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return is_admin(request)  # with what came after it; who deletes a conversation deletes its messages
