"""Documents on the admin site: the list, and a page for each with its versions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from documents import publishing, selectors
from documents.admin.confirming import Refused, confirm_page, refusal
from documents.admin.forms import PlaceForm
from documents.gate import WouldBreakQuestions
from documents.models import PENDING_STATES, Document, State, Version
from documents.templatetags.documents_admin import state_badge
from users.editor_pages import editor_of, editor_page, render_page
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin
from utils.errors import GroundedError, NotFound

LIST = "admin:documents_document_changelist"
PAGE = "admin:documents_document_change"
_MOST_AT_ONCE = 500


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("working", "In work"), *((s.value, s.label) for s in State if s not in PENDING_STATES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        wanted = self.value()
        if not wanted:
            return queryset
        return queryset.filter(Q(state__in=PENDING_STATES if wanted == "working" else [wanted]))


@admin.register(Document)
class DocumentAdmin(EditorAdminMixin, ModelAdmin[Document]):
    list_display = ("title", "collection", "category", "answered_from", "standing", "passages", "updated_at")
    list_filter = ("collection", "category", StateFilter)
    list_filter_sheet = True
    list_per_page = 50
    search_fields = ("title", "source_uri")
    search_help_text = "Title or source"
    actions = ("delete_chosen",)
    list_before_template = "documents/admin/list_before.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        newest = Version.objects.filter(document=OuterRef("pk")).order_by("-number")
        return selectors.documents_all().annotate(error_code=Subquery(newest.values("error_code")[:1]))

    @admin.display(description="Published", ordering="published__number", empty_value="—")
    def answered_from(self, document: Document) -> str | None:
        return f"v{document.published.number}" if document.published else None

    @admin.display(description="Newest version", ordering="state")
    def standing(self, document: Any) -> SafeString:
        return state_badge(document.state or "", document.error_code or "")

    @admin.display(description="Chunks", ordering="published__chunk_count", empty_value="—")
    def passages(self, document: Document) -> int | None:
        return document.published.chunk_count if document.published else None

    # Documents come by upload and change by versions; the page of one is our own.
    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.action(description="Delete", permissions=["delete"])
    def delete_chosen(self, request: HttpRequest, queryset: QuerySet[Document]) -> HttpResponseBase:
        return _delete_chosen(request, queryset)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return document_page(request, object_id)  # type: ignore[return-value]

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return document_delete(request, object_id)  # type: ignore[return-value]


def found(object_id: str | UUID) -> Document:
    """Raises NotFound."""
    try:
        return selectors.document_get(document_id=UUID(str(object_id)))
    except ValueError:
        raise NotFound("No document has this id.") from None


def trail(document: Document | None = None) -> tuple[tuple[str, str], ...]:
    """The way to a page about a document."""
    way = (("Documents", reverse(LIST)),)
    return (*way, (document.title, reverse(PAGE, args=[document.pk]))) if document else way


@editor_page
def document_page(request: HttpRequest, object_id: str) -> HttpResponseBase:
    document = found(object_id)
    place = PlaceForm(request.POST or None, initial={"collection": document.collection, "category": document.category})
    if request.method == "POST" and place.is_valid():
        publishing.document_update(actor=editor_of(request), document=document, **place.cleaned_data)
        messages.success(request, "The document has been moved.")
        return HttpResponseRedirect(request.path)
    versions = list(selectors.versions_of(document_id=document.pk))
    return render_page(
        request,
        "documents/admin/document.html",
        title=document.title,
        trail=trail(),
        document=document,
        versions=versions,
        busy=any(version.state in PENDING_STATES for version in versions),
        place=place,
    )


@editor_page
def document_delete(request: HttpRequest, object_id: str) -> HttpResponseBase:
    document = found(object_id)
    refused: list[Refused] = []
    if request.method == "POST":
        refused = _delete_all([document], request)
        if not refused:
            return HttpResponseRedirect(reverse(LIST))
    return confirm_page(
        request,
        title="Delete this document?",
        trail=trail(document),
        says="It goes with all its versions, and no answer rests on it from then on. This cannot be undone.",
        subjects=[document.title],
        refused=refused,
        verb="Delete",
        back=reverse(PAGE, args=[document.pk]),
    )


@editor_page
def _delete_chosen(request: HttpRequest, queryset: QuerySet[Document]) -> HttpResponseBase:
    """The action of the list: asks first, then deletes one by one and says which the gate refused."""
    chosen = list(queryset[: _MOST_AT_ONCE + 1])
    if len(chosen) > _MOST_AT_ONCE:
        messages.error(request, f"At most {_MOST_AT_ONCE} documents are deleted at once.")
        return HttpResponseRedirect(request.get_full_path())
    refused: list[Refused] = []
    if "confirmed" in request.POST:
        refused = _delete_all(chosen, request)
        if not refused:
            return HttpResponseRedirect(request.get_full_path())
        chosen = [entry.document for entry in refused]
    return confirm_page(
        request,
        title=f"Delete {len(chosen)} document{'s' if len(chosen) > 1 else ''}?",
        trail=trail(),
        says="They go with all their versions, and no answer rests on them from then on. This cannot be undone.",
        subjects=[document.title for document in chosen],
        refused=refused,
        verb="Delete",
        back=reverse(LIST),
        fields=[("action", "delete_chosen"), *(("_selected_action", str(document.pk)) for document in chosen)],
    )


def _delete_all(documents: Sequence[Document], request: HttpRequest) -> list[Refused]:
    """Delete one by one. Returns those that golden questions need; what else goes wrong is said."""
    refused: list[Refused] = []
    for document in documents:
        title = document.title
        try:
            publishing.document_delete(document=document, author=editor_of(request), force="force" in request.POST)
        except WouldBreakQuestions as error:
            refused.append(refusal(document, error))
        except GroundedError as error:
            messages.error(request, f"“{title}” could not be deleted: {error.detail}")
        else:
            messages.success(request, f"“{title}” has been deleted.")
    return refused
