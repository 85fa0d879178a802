"""Ask a question on the admin site and see how the search comes to its passages."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase

from documents import selectors as documents
from documents.models import Asker, Category, Collection
from rag.answering import Done, answer
from rag.explaining import explain, scope_as
from users.editor_pages import editor_page, render_page


class PlaygroundForm(forms.Form):
    q = forms.CharField(
        label="Question", max_length=4000, widget=forms.TextInput(attrs={"autofocus": True, "type": "search"})
    )
    asker = forms.ChoiceField(label="Asked by", choices=Asker, initial=Asker.USER)
    collection = forms.ModelChoiceField(Collection.objects.all(), required=False, empty_label="All they may see")
    category = forms.ModelChoiceField(Category.objects.all(), required=False, empty_label="All")
    drafts = forms.BooleanField(label="As if all drafts were published", required=False)


@editor_page
def playground(request: HttpRequest) -> HttpResponseBase:
    """What is asked is in the address, to be shown to others; the answer itself, which may cost, comes by POST."""
    asked = request.POST if request.method == "POST" else request.GET
    form = PlaygroundForm({"asker": Asker.USER, **asked.dict()} if "q" in asked else None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        fields = form.cleaned_data
        scope = scope_as(asker=fields["asker"], collection=fields["collection"], category=fields["category"])
        preview = documents.drafts() if fields["drafts"] else None
        context["explanation"] = explain(query=fields["q"], scope=scope, preview=preview)
        context["asked"] = [(name, asked[name]) for name in form.fields if asked.get(name)]
        if request.method == "POST":
            events = answer(question=fields["q"], history=[], scope=scope, preview=preview)
            context["done"] = next(event for event in events if isinstance(event, Done))
    return render_page(request, "rag/admin/playground.html", title="Playground", **context)
