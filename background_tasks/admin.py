"""Jobs and their runs on the admin site, to read, and to run one now."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from background_tasks.models import JobRun, State
from background_tasks.overview import job_get, jobs_overview, run_outlook
from background_tasks.selectors import scheduler_leads
from background_tasks.services import run_ask
from users.editor_pages import AdminsReadMixin, editor_of, editor_page, is_admin
from users.permissions import IsAdmin
from utils.admin_theme import ModelAdmin
from utils.errors import PermissionDenied

LIST = "admin:background_tasks_jobrun_changelist"
TONES = {
    State.ASKED: "plain",
    State.RUNNING: "busy",
    State.WAITING: "draft",
    State.DONE: "good",
    State.FAILED: "bad",
}


@admin.register(JobRun)
class JobRunAdmin(AdminsReadMixin, ModelAdmin[JobRun]):
    """To read, for admins."""

    list_display = ("slot", "job", "standing", "took", "done", "attempt", "by_hand")
    list_filter = ("job", "state", "by_hand")
    list_filter_sheet = True
    date_hierarchy = "slot"
    fields = ("job", "slot", "by_hand", "standing", "attempt", "started_at", "ended_at", "took", "due_at", "done",
              "error", "worker", "noticed")  # fmt: skip
    list_before_template = "background_tasks/admin/jobs.html"

    @admin.display(description="State", ordering="state")
    def standing(self, run: JobRun) -> SafeString:
        return state_badge(run)

    @admin.display(description="Took", empty_value="—")
    def took(self, run: JobRun) -> str | None:
        return f"{(run.ended_at - run.started_at).total_seconds():,.1f} s" if run.ended_at else None

    @admin.display(description="Has done", empty_value="—")
    def done(self, run: JobRun) -> str | None:
        return ", ".join(f"{name}: {count}" for name, count in run.counts.items()) or None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        jobs = [(job, state_badge(job.last) if job.last else None) for job in jobs_overview()]
        context = {"jobs": jobs, "scheduler_leads": scheduler_leads(), "title": "Jobs"}
        return super().changelist_view(request, context | (extra_context or {}))


def state_badge(run: JobRun) -> SafeString:
    state = State(run.state)
    badge = format_html('<span class="g-badge g-{}">{}</span>', TONES[state], state.label)
    return format_html('<span class="g-reason">{} {}</span>', badge, run.error) if run.error else badge


@require_POST
@editor_page
def job_run(request: HttpRequest, name: str) -> HttpResponseBase:
    """Have a job run now."""
    if not is_admin(request):
        raise PermissionDenied(IsAdmin.message)
    job = job_get(name=name)
    run = run_ask(job=job, actor=editor_of(request))
    outlook = run_outlook(run) or "It is running already."
    messages.info(request, f"{job.title}: {outlook}")
    return HttpResponseRedirect(reverse(LIST))
