"""Knowledge gaps on the admin site."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from rag.gaps import gap_resolve
from rag.models import KnowledgeGap
from users.editor_pages import ReadMixin, editor_of
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin


@admin.register(KnowledgeGap)
class KnowledgeGapAdmin(ReadMixin, EditorAdminMixin, ModelAdmin[KnowledgeGap]):
    """One by one, to be read, and deleted once the answer has been written; grouped in rag/admin/gap_pages.py."""

    list_display = ("question", "times", "not_helpful", "last_asked", "nearest_titles")
    search_fields = ("question",)
    fields = readonly_fields = (
        "question", "times", "not_helpful", "document", "first_asked", "last_asked", "nearest_titles", "best_score",
        "confidence", "audience",
    )  # fmt: skip

    @admin.display(description="Nearest documents")
    def nearest_titles(self, gap: KnowledgeGap) -> str:
        return ", ".join(document["title"] for document in gap.nearest) or "none"

    @admin.display(description="Collections searched")
    def audience(self, gap: KnowledgeGap) -> str:
        return ", ".join(gap.collections)

    def delete_model(self, request: HttpRequest, obj: KnowledgeGap) -> None:
        gap_resolve(gap=obj, actor=editor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[KnowledgeGap]) -> None:
        for gap in queryset:
            self.delete_model(request, gap)
