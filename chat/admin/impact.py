"""What publishing a version would change, on the admin site."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from chat.impact import version_impact
from documents import selectors as documents
from users.editor_pages import editor_page, render_page

_RECENT = 50


@editor_page
def impact(request: HttpRequest, document_id: UUID, number: int) -> HttpResponseBase:
    document = documents.document_get(document_id=document_id)
    version = documents.version_get(document_id=document_id, number=number)
    page = reverse("admin:documents_document_change", args=[document_id])
    return render_page(
        request,
        "chat/admin/impact.html",
        title=f"What version {number} would change",
        trail=(("Documents", reverse("admin:documents_document_changelist")), (document.title, page)),
        document=document,
        version=version,
        impact=version_impact(version=version, recent=_RECENT),
    )
