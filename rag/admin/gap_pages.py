"""What was asked in vain, grouped by meaning, on the admin site, with the way to an answer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from documents.models import Collection
from rag.gap_drafts import collection_suggested, gaps_draft, gaps_named
from rag.gap_groups import Group, gaps_grouped, gaps_open
from rag.gaps import gaps_resolve
from users.editor_pages import editor_of, editor_page, render_page

_SHOWN = 20
_TITLE = 150


class DraftForm(forms.Form):
    title = forms.CharField(max_length=_TITLE, help_text="As a reader would put it.")
    collection = forms.ModelChoiceField(
        Collection.objects.all(), empty_label=None, help_text="Who may see the answer once it is published."
    )


@editor_page
def gaps(request: HttpRequest) -> HttpResponseBase:
    found = gaps_grouped(gaps_open())
    return render_page(
        request,
        "rag/admin/gaps.html",
        title="Knowledge gaps",
        found=found,
        questions=sum(len(group.gaps) for group in found.groups),
        page=Paginator(found.groups, _SHOWN).get_page(request.GET.get("page")),
    )


@editor_page
def draft(request: HttpRequest) -> HttpResponseBase:
    """A form with the title and the collection that are likely."""
    group = Group(gaps_named(request.GET.get("gaps", "")))
    initial: dict[str, Any] = {"title": group.example[:_TITLE], "collection": collection_suggested(group)}
    form = DraftForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        document = gaps_draft(gaps=group.gaps, author=editor_of(request), **form.cleaned_data)
        messages.success(request, "The draft is made. Write the answer as a new version, and publish that.")
        return HttpResponseRedirect(reverse("admin:documents_document_change", args=[document.pk]))
    trail = (("Knowledge gaps", reverse("admin-gaps")),)
    return render_page(request, "rag/admin/gap_draft.html", title="Write a draft", trail=trail, form=form, group=group)


@require_POST
@editor_page
def resolve(request: HttpRequest) -> HttpResponseBase:
    count = gaps_resolve(gaps=gaps_named(request.POST.get("gaps", "")), actor=editor_of(request))
    messages.success(request, f"Off the list: {count}. What is asked in vain again comes back.")
    return HttpResponseRedirect(reverse("admin-gaps"))
