"""Forms of the documents' pages on the admin site."""

from typing import Any

from django import forms

from documents.models import Category, Collection


class PlaceForm(forms.Form):
    """Where a document belongs."""

    collection = forms.ModelChoiceField(Collection.objects.all(), empty_label=None)
    category = forms.ModelChoiceField(Category.objects.all(), required=False, empty_label="None")


class VersionForm(forms.Form):
    """A new version: a text, or a file, which counts if there is one."""

    content = forms.CharField(
        label="Text",
        required=False,
        max_length=5_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text="Markdown or plain text.",
    )
    file = forms.FileField(
        label="Or a file", required=False, allow_empty_file=True, help_text="If you choose one, the text is left aside."
    )
    title = forms.CharField(required=False, max_length=500, help_text="Empty: the title that the file itself has.")
    note = forms.CharField(required=False, max_length=500, help_text="What is new, for those who look back later.")
    publish = forms.ChoiceField(
        label="When it is indexed",
        choices=[("yes", "Publish it"), ("no", "Keep it as a draft")],
        initial="no",
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("file") and not cleaned.get("content", "").strip():
            raise forms.ValidationError("Write a text or choose a file.")
        return cleaned
