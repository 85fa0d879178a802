"""Sources on the admin site: what they are, how their last syncs went, and syncing them now."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from documents.models import Source, SourceRun, SourceState
from documents.sources import selectors, services
from documents.sources.hooks import secret_of
from documents.sources.serializers import SourceOptionsSerializer
from users.editor_pages import ReadMixin, ServiceErrorsMixin, editor_of
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin, ModelForm, TabularInline
from utils.errors import GroundedError

_TONES = {
    SourceState.IDLE: "good",
    SourceState.DUE: "plain",
    SourceState.SYNCING: "busy",
    SourceState.FAILED: "bad",
}
_SHORTEST, _LONGEST = 5, 525_600
"""Minutes between two syncs."""


class SourceForm(ModelForm[Source]):
    class Meta:
        model = Source
        fields: ClassVar[list[str]] = [
            "name",
            "slug",
            "kind",
            "location",
            "collection",
            "category",
            "interval",
            "enabled",
            "options",
        ]
        help_texts: ClassVar[dict[str, str]] = {
            "interval": "Minutes between two syncs. Empty: it is synced by hand only.",
            "options": "For example {&quot;exclude&quot;: [&quot;*/archive/*&quot;], &quot;max_pages&quot;: 500}. "
            "The handbook's page on sources lists them.",
        }

    def clean_interval(self) -> int | None:
        interval: int | None = self.cleaned_data["interval"]
        if interval is not None and not _SHORTEST <= interval <= _LONGEST:
            raise forms.ValidationError(f"From {_SHORTEST} minutes to a year.")
        return interval

    def clean_options(self) -> Any:
        options = SourceOptionsSerializer(data=self.cleaned_data["options"] or {})
        if not options.is_valid():
            raise forms.ValidationError([f"{name}: {said[0]}" for name, said in dict(options.errors).items()])
        return dict(options.validated_data)


class RunInline(ReadMixin, EditorAdminMixin, TabularInline[SourceRun, Source]):
    """The last syncs, to be read only."""

    model = SourceRun
    verbose_name_plural = "Syncs"
    fields = readonly_fields = (
        "started_at",
        "ended_at",
        "added",
        "changed",
        "unchanged",
        "removed",
        "skipped",
        "failed",
        "said",
    )
    extra = 0
    per_page = 10
    hide_title = True
    can_delete = False

    @admin.display(description="What went wrong")
    def said(self, run: SourceRun) -> str:
        failures = [f"{failure['uri']}: {failure['detail']}" for failure in run.failures]
        return "\n".join([*([run.error_detail] if run.error_detail else []), *failures]) or "—"


@admin.register(Source)
class SourceAdmin(ServiceErrorsMixin, EditorAdminMixin, ModelAdmin[Source]):
    form = SourceForm
    list_display = ("name", "kind", "location", "standing", "held", "last_synced_at", "next_sync_at")
    list_filter = ("kind", "state", "collection")
    list_filter_sheet = True
    search_fields = ("name", "location")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("sync", "sync_by_force", "renew_secret")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        return selectors.sources_all()

    def get_inlines(self, request: HttpRequest, obj: Source | None) -> list[Any]:
        return [RunInline] if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> Any:
        return ("kind", "collection") if obj else ()

    def get_actions(self, request: HttpRequest) -> Any:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.display(description="State", ordering="state")
    def standing(self, source: Source) -> SafeString:
        state = SourceState(source.state)
        badge = format_html('<span class="g-badge g-{}">{}</span>', _TONES[state], state.label)
        code = format_html(' <code class="g-code">{}</code>', source.error_code) if source.error_code else ""
        return format_html("<span>{}{}</span>", badge, code)

    @admin.display(description="Documents")
    def held(self, source: Any) -> int:
        return int(source.documents)

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        if change:
            if form.changed_data:
                changed = {name: form.cleaned_data[name] for name in form.changed_data}
                services.source_update(actor=editor_of(request), source=obj, **changed)
            return
        made = services.source_create(author=editor_of(request), **form.cleaned_data)
        obj.pk = made.pk
        self._show_secret(request, made)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            formset.save(commit=False)  # there is nothing to save; Django asks what was

    def delete_model(self, request: HttpRequest, obj: Source) -> None:
        services.source_delete(actor=editor_of(request), source=obj)
        messages.info(request, "Its documents stay. Delete them in the list of documents, if they are to go too.")

    @admin.action(description="Sync now")
    def sync(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._request_sync(request, queryset, force=False)

    @admin.action(description="Sync by force: read every page, remove however many are gone")
    def sync_by_force(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._request_sync(request, queryset, force=True)

    @admin.action(description="Give the webhook a new secret")
    def renew_secret(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for source in queryset:
            services.source_rotate_secret(actor=editor_of(request), source=source)
            self._show_secret(request, source)

    def _request_sync(self, request: HttpRequest, queryset: QuerySet[Source], *, force: bool) -> None:
        for source in queryset:
            try:
                services.source_request_sync(source=source, force=force)
            except GroundedError as error:
                messages.error(request, f"{source}: {error.detail}")
            else:
                messages.success(request, f"{source}: a worker syncs it as soon as one is free.")

    def _show_secret(self, request: HttpRequest, source: Source) -> None:
        said = f"The secret that signs messages to the webhook of {source} is shown this once: {secret_of(source)}"
        messages.warning(request, said)
