"""The versions of a document on the admin site: hand one in, publish it, look into it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from documents import publishing, selectors, services
from documents.admin.confirming import confirm_page, refusal
from documents.admin.diffing import rows
from documents.admin.documents import PAGE, found, trail
from documents.admin.forms import VersionForm
from documents.comparing import compare
from documents.errors import LoadError
from documents.gate import WouldBreakQuestions
from documents.models import PENDING_STATES, Chunk, Document, State, Version
from documents.version_views import original_file
from users.editor_pages import editor_of, editor_page, render_page
from utils.errors import NotFound

_EDITABLE = 1_000_000
"""Bytes. A larger text is not put into a form."""
_TEXTS = (".md", ".markdown", ".txt")
CHUNKS_A_PAGE = 20


def _to_document(document_id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(PAGE, args=[document_id]))


@editor_page
def version_new(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    document = found(document_id)
    newest = document.versions.exclude(state=State.FAILED).defer("text").order_by("-number").first()
    form = VersionForm(
        request.POST or None, request.FILES or None, initial={"content": _editable(newest), "title": document.title}
    )
    if request.method == "POST" and form.is_valid():
        try:
            version = services.version_submit(
                document=document,
                author=editor_of(request),
                title=form.cleaned_data["title"],
                note=form.cleaned_data["note"],
                publish=form.cleaned_data["publish"] == "yes",
                **_content(form.cleaned_data, document, newest),
            )
        except LoadError as error:
            form.add_error("file" if form.cleaned_data["file"] else "content", error.detail)
        else:
            if version:
                messages.success(request, f"Version {version.number} has been handed in.")
            else:
                messages.info(request, "Nothing has changed: the newest version says the same.")
            return _to_document(document_id)
    return render_page(
        request,
        "documents/admin/version_new.html",
        title="New version",
        trail=trail(document),
        form=form,
        document=document,
    )


def _content(fields: dict[str, Any], document: Document, newest: Version | None) -> dict[str, Any]:
    if file := fields["file"]:
        return {"data": file.read(), "file_name": file.name}
    text = fields["content"].replace("\r\n", "\n")
    keeps_name = newest and newest.file_name.lower().endswith(_TEXTS)
    name = newest.file_name if newest and keeps_name else f"{document.title[:200]}.md"
    return {"data": text.encode("utf-8", "replace"), "file_name": name}


def _editable(version: Version | None) -> str:
    """The text to go on from, where the newest version is one that can be typed."""
    if not version or version.size > _EDITABLE or not version.file_name.lower().endswith(_TEXTS):
        return ""
    try:
        with version.file.open("rb") as file:
            return str(file.read().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""


@require_POST
@editor_page
def version_publish(request: HttpRequest, document_id: UUID, number: int) -> HttpResponseBase:
    version = selectors.version_get(document_id=document_id, number=number)
    document = found(document_id)
    try:
        version = publishing.version_publish(
            version=version,
            author=editor_of(request),
            force="force" in request.POST,
            release="release" in request.POST,
        )
    except WouldBreakQuestions as error:
        return confirm_page(
            request,
            title="Publish this version?",
            trail=trail(document),
            says=f"Version {number} would be answered from instead of the one that is published now.",
            refused=[refusal(document, error)],
            verb="Publish",
            back=reverse(PAGE, args=[document_id]),
        )
    if version.state in PENDING_STATES:
        messages.info(request, f"Version {number} is published when it is indexed.")
    else:
        messages.success(request, f"Questions are answered from version {number} now.")
    return _to_document(document_id)


@require_POST
@editor_page
def version_discard(request: HttpRequest, document_id: UUID, number: int) -> HttpResponseBase:
    version = selectors.version_get(document_id=document_id, number=number)
    publishing.version_discard(version=version, author=editor_of(request))
    messages.success(request, f"Version {number} has been put aside. It can still be published.")
    return _to_document(document_id)


@editor_page
def version_diff(request: HttpRequest, document_id: UUID, number: int) -> HttpResponseBase:
    document = found(document_id)
    after = selectors.version_get(document_id=document_id, number=number)
    to = request.GET.get("to", "")
    before = selectors.version_compared(document_id=document_id, number=int(to) if to.isdecimal() else None)
    comparison = compare(before=before, after=after)
    return render_page(
        request,
        "documents/admin/diff.html",
        title=f"What version {number} changes",
        trail=trail(document),
        comparison=comparison,
        rows=rows(comparison.stretches),
        others=selectors.versions_of(document_id=document_id).exclude(number=number),
    )


@editor_page
def version_chunks(request: HttpRequest, document_id: UUID, number: int) -> HttpResponseBase:
    document = found(document_id)
    version = selectors.version_get(document_id=document_id, number=number)
    chunks = selectors.chunks_of(document_id=document_id, number=number)
    return render_page(
        request,
        "documents/admin/chunks.html",
        title=f"Chunks of version {number}",
        trail=trail(document),
        document=document,
        version=version,
        page=Paginator(chunks, CHUNKS_A_PAGE).get_page(request.GET.get("page")),
    )


@editor_page
def version_file(request: HttpRequest, document_id: UUID, number: int) -> HttpResponseBase:
    return original_file(selectors.version_get(document_id=document_id, number=number))


@editor_page
def chunk(request: HttpRequest, chunk_id: str) -> HttpResponseBase:
    """From the id that a citation or a search names to the place on the page of chunks."""
    row = (
        Chunk.objects.filter(pk=chunk_id.replace("\0", ""))
        .values("position", "version__document", "version__number")
        .first()
    )
    if row is None:
        raise NotFound("There is no such chunk, or its document has been deleted.")
    page = reverse("admin-version-chunks", args=[row["version__document"], row["version__number"]])
    number = row["position"] // CHUNKS_A_PAGE + 1
    return HttpResponseRedirect(f"{page}?page={number}#chunk-{row['position']}")
