"""Golden questions on the admin site: the list with what came of each, and how that went over time."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from documents import services
from documents.models import Question
from rag.gap_drafts import gaps_named, question_suggested
from rag.gaps import gaps_resolve
from rag.models import QuestionResult, QuestionRun
from rag.questions import questions_check
from rag.selectors import question_run_get
from users.editor_pages import ServiceErrorsMixin, editor_of, editor_page, render_page
from users.permissions import EditorAdminMixin
from utils.admin_theme import ModelAdmin, ModelForm

_CHARTED = 40
LIST = "admin:documents_question_changelist"


class QuestionForm(ModelForm[Question]):
    class Meta:
        model = Question
        fields: ClassVar[list[str]] = ["text", "asked_by", "must_refuse", "documents"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "documents" in cleaned and cleaned["must_refuse"] == bool(cleaned["documents"]):
            self.add_error("documents", "Name the documents that must answer it, or say that it must be refused.")
        return cleaned


class ResultFilter(admin.SimpleListFilter):
    title = "last result"
    parameter_name = "result"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("passed", "Passed"), ("failed", "Failed"), ("none", "Not asked yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Question]) -> QuerySet[Question]:
        wanted = {"passed": True, "failed": False, "none": None}
        value = self.value()
        return queryset.filter(Q(last_passed=wanted[value])) if value in wanted else queryset


@admin.register(Question)
class QuestionAdmin(ServiceErrorsMixin, EditorAdminMixin, ModelAdmin[Question]):
    form = QuestionForm
    list_display = ("text", "last", "wanted", "asked_by")
    list_filter = (ResultFilter, "asked_by", "must_refuse")
    list_filter_sheet = True
    search_fields = ("text", "documents__title")
    autocomplete_fields = ("documents",)
    list_before_template = "rag/admin/questions_before.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        last = QuestionResult.objects.filter(question=OuterRef("pk")).order_by("-run")
        return (
            super()
            .get_queryset(request)
            .prefetch_related("documents")
            .annotate(last_passed=Subquery(last.values("passed")[:1]), last_reason=Subquery(last.values("reason")[:1]))
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """For knowledge gaps (``?gaps=``): what was asked, and the document that is likely to answer it."""
        if "gaps" not in request.GET:
            return super().get_changeform_initial_data(request)
        return question_suggested(gaps_named(request.GET["gaps"]))

    @admin.display(description="Last result", ordering="last_passed")
    def last(self, question: Any) -> SafeString:
        return result_badge(question.last_passed, question.last_reason or "")

    @admin.display(description="Must be answered from")
    def wanted(self, question: Question) -> str:
        return "refused" if question.must_refuse else ", ".join(map(str, question.documents.all()))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"run": QuestionRun.objects.first(), "title": "Golden questions"}
        return super().changelist_view(request, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        fields = dict(form.cleaned_data)
        if not change:
            fields["created_by"] = request.user
        services.question_save(actor=editor_of(request), question=obj, **fields)
        if not change and "gaps" in request.GET:
            count = gaps_resolve(gaps=gaps_named(request.GET["gaps"]), actor=editor_of(request))
            messages.info(request, f"Off the list of knowledge gaps: {count}")

    def delete_model(self, request: HttpRequest, obj: Question) -> None:
        services.question_delete(actor=editor_of(request), question=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Question]) -> None:
        for question in queryset:
            self.delete_model(request, question)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has saved the documents."""


def result_badge(passed: bool | None, reason: str) -> SafeString:
    if passed is None:
        return format_html('<span class="g-badge g-plain">{}</span>', "Not asked yet")
    if passed:
        return format_html('<span class="g-badge g-good">{}</span>', "Passed")
    return format_html('<span class="g-reason"><span class="g-badge g-bad">{}</span> {}</span>', "Failed", reason)


@require_POST
@editor_page
def questions_ask(request: HttpRequest) -> HttpResponseBase:
    """Ask all of them now."""
    run = questions_check()
    if run.failed:
        messages.warning(request, f"{run.failed} of {run.passed + run.failed} golden questions failed.")
    else:
        messages.success(request, f"All {run.passed} golden questions passed.")
    return HttpResponseRedirect(reverse("admin-question-run", args=[run.pk]))


@editor_page
def runs(request: HttpRequest) -> HttpResponseBase:
    charted = list(QuestionRun.objects.all()[:_CHARTED])[::-1]
    return render_page(
        request,
        "rag/admin/runs.html",
        title="Results over time",
        trail=_trail(),
        bars=_bars(charted),
        page=Paginator(QuestionRun.objects.all(), 50).get_page(request.GET.get("page")),
    )


@editor_page
def run(request: HttpRequest, run_id: int) -> HttpResponseBase:
    found = question_run_get(run_id=run_id)
    return render_page(
        request,
        "rag/admin/run.html",
        title=f"Asked on {found.at:%Y-%m-%d at %H:%M}",
        trail=(*_trail(), ("Results over time", reverse("admin-question-runs"))),
        run=found,
        results=found.results.all(),
    )


def _trail() -> tuple[tuple[str, str], ...]:
    return (("Golden questions", reverse(LIST)),)


def _bars(charted: Sequence[QuestionRun]) -> list[dict[str, Any]]:
    """A bar for each run, with its heights in percent of the largest."""
    largest = max((run.passed + run.failed for run in charted), default=0) or 1
    return [
        {
            "run": run,
            "x": place * 20,
            "failed": 100 * run.failed / largest,
            "passed": 100 * run.passed / largest,
            "passed_top": 100 - 100 * run.passed / largest,
            "failed_top": 100 - 100 * (run.passed + run.failed) / largest,
        }
        for place, run in enumerate(charted)
    ]
