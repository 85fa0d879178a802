"""Documents in the admin site."""

from django.contrib import admin

from documents.models import Category, Collection, Document, Version
from users.permissions import EditorAdminMixin


@admin.register(Category)
class CategoryAdmin(EditorAdminMixin, admin.ModelAdmin[Category]):
    pass


@admin.register(Collection)
class CollectionAdmin(EditorAdminMixin, admin.ModelAdmin[Collection]):
    list_display = ("name", "slug", "visibility")
    prepopulated_fields = {"slug": ("name",)}


class VersionInline(EditorAdminMixin, admin.TabularInline[Version, Document]):
    model = Version
    fk_name = "document"
    fields = readonly_fields = ("number", "state", "file_name", "size", "chunk_count", "created_at", "error_detail")
    extra = 0
    can_delete = False

    def has_add_permission(self, *_: object) -> bool:
        return False


@admin.register(Document)
class DocumentAdmin(EditorAdminMixin, admin.ModelAdmin[Document]):
    list_display = ("title", "collection", "category", "source_uri", "updated_at")
    list_filter = ("collection", "category")
    search_fields = ("title", "source_uri")
    inlines = [VersionInline]

    # What is changed here would pass by the services that tell the indexes.
    def has_add_permission(self, *_: object) -> bool:
        return False

    def has_change_permission(self, *_: object) -> bool:
        return False

    def has_delete_permission(self, *_: object) -> bool:
        return False
