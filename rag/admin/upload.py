"""Handing files in on the admin site, and following what becomes of them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from documents import selectors as documents
from documents.models import Category, Collection, Job
from documents.services import Submitted
from rag import services
from rag.selectors import job_progress
from users.editor_pages import editor_of, editor_page, render_page
from utils.errors import GroundedError

_MOST_FILES = 100


class _Files(forms.FileField):
    """Several files, as a list."""

    widget = type("FilesInput", (forms.ClearableFileInput,), {"allow_multiple_selected": True})

    def clean(self, data: Any, initial: Any = None) -> Any:
        clean = super().clean
        return [clean(each, initial) for each in data] if data else clean(None, initial)


class UploadForm(forms.Form):
    file = _Files(
        label="Files",
        allow_empty_file=True,
        help_text="Markdown, text, HTML, PDF or DOCX, up to 50 MB each. A name that is known makes a new version.",
    )
    collection = forms.ModelChoiceField(
        Collection.objects.all(), to_field_name="slug", required=False, empty_label="General (everybody)"
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), to_field_name="name", required=False, empty_label="As it is, or none"
    )
    note = forms.CharField(required=False, max_length=500)
    publish = forms.ChoiceField(
        label="When a file is indexed",
        choices=[("yes", "Publish it"), ("no", "Keep it as a draft")],
        initial="yes",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["collection"]
        field.queryset = Collection.objects.exclude(slug="general")  # the empty choice

    def clean_file(self) -> Any:
        files = self.cleaned_data["file"]
        if len(files) > _MOST_FILES:
            raise forms.ValidationError(f"At most {_MOST_FILES} files at once.")
        return files

    def to_submission(self) -> dict[str, Any]:
        fields = self.cleaned_data
        return {
            "file": fields["file"],
            "collection": fields["collection"].slug if fields["collection"] else None,
            "category": fields["category"].name if fields["category"] else "",
            "note": fields["note"],
            "publish": fields["publish"] == "yes",
        }


@editor_page
def upload(request: HttpRequest) -> HttpResponseBase:
    """A form. With its script each file is sent by itself, and what comes back is shown beside it."""
    in_parts = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        try:
            if form.is_valid():
                submitted = services.files_submit(author=editor_of(request), **form.to_submission())
                return _part(request, submitted) if in_parts else _job(request, submitted)
        except GroundedError as error:
            if in_parts:
                return render(request, "rag/admin/_refused.html", {"error": error}, status=error.status)
            form.add_error("file", error.detail)
        if in_parts:
            return render(request, "rag/admin/_refused.html", {"form": form}, status=400)
    return render_page(request, "rag/admin/upload.html", title="Upload documents", form=form)


def _job(request: HttpRequest, submitted: Submitted) -> HttpResponseBase:
    if not submitted.new:
        messages.info(request, "Nothing has changed: all of this is known already.")
    return HttpResponseRedirect(reverse("admin-job", args=[submitted.job.pk]))


def _part(request: HttpRequest, submitted: Submitted) -> HttpResponse:
    return render(request, "rag/admin/_job.html", progress(submitted.job) | {"documents": submitted.documents})


@editor_page
def job(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """How far a job is; only the table of its files to who asks for a part."""
    state = progress(documents.job_get(job_id=job_id))
    if request.headers.get("HX-Request"):
        return render(request, "rag/admin/_job.html", state)
    trail = (("Upload documents", reverse("admin-upload")),)
    return render_page(request, "rag/admin/job.html", title="What becomes of the files", trail=trail, **state)


def progress(job: Job) -> dict[str, Any]:
    versions = job.versions.defer("text").select_related("document").order_by("file_name")
    counts = job_progress(job=job)
    return {"job": job, "progress": counts, "versions": versions, "busy": counts["state"] in ("pending", "running")}
