"""Conversations in the admin site, to read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.admin.messages import AskedByFilter
from chat.models import Message, Session
from chat.services import session_delete
from users.editor_pages import ReadMixin, editor_of
from utils.admin_theme import ModelAdmin, TabularInline


class MessageInline(TabularInline[Message, Session]):
    model = Message
    fields = readonly_fields = (
        "sender_type",
        "content",
        "chosen",
        "sources",
        "status",
        "grounded",
        "model",
        "response_time_ms",
        "made_of",
    )
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

    @admin.display(description="Made of", empty_value="—")
    def made_of(self, message: Message) -> SafeString | None:
        """Leads to the replay of an answer that kept what it was made of."""
        if not hasattr(message, "trace"):
            return None
        return format_html('<a href="{}">Replay</a>', reverse("admin-message-replay", args=[message.pk]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related("trace").prefetch_related("citations")


class SessionAskedByFilter(AskedByFilter):
    path = ""


@admin.register(Session)
class SessionAdmin(ReadMixin, ModelAdmin[Session]):
    list_display = ("title", "owner", "kind", "created_at", "updated_at")
    list_filter = (SessionAskedByFilter, "kind", "visitor__origin", "updated_at")
    list_filter_sheet = True
    list_select_related = ("user", "visitor")
    date_hierarchy = "created_at"
    search_fields = ("title", "user__username", "visitor__name", "visitor__email", "messages__content")
    fields = readonly_fields = ("title", "kind", "user", "visitor_said", "created_at", "updated_at")
    inlines = [MessageInline]

    @admin.display(description="Visitor", empty_value="—")
    def visitor_said(self, session: Session) -> str | None:
        """What they told of themselves, and where."""
        visitor = session.visitor
        return ", ".join(filter(None, (visitor.name, visitor.email, visitor.origin))) or "unnamed" if visitor else None

    def delete_model(self, request: HttpRequest, obj: Session) -> None:
        session_delete(session=obj, actor=editor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        for session in queryset:
            self.delete_model(request, session)
