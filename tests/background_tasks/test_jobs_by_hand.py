"""Admins see the jobs and run one now: over the API, on the admin site, by a command."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks import jobs
from background_tasks.jobs import JOBS, Due
from background_tasks.models import JobRun, Leadership, State
from tests.conftest import PASSWORD, client_of
from users.models import AuditEntry, Role, User
from users.services import account_create

NOW = "/api/jobs/tokens/run/"


@pytest.fixture
def admin() -> User:
    return account_create(username="alma", email="alma@example.org", password=PASSWORD, role=Role.ADMIN)


@pytest.fixture
def admin_client(admin: User) -> APIClient:
    return client_of(admin)


@pytest.fixture
def leader() -> None:
    Leadership.objects.create(pk=1, leader="somebody", until=timezone.now() + timedelta(minutes=1))


def test_jobs_are_listed_with_their_times_and_last_runs(admin_client: APIClient, settings: Settings) -> None:
    settings.JOB_SCHEDULES = {"retention": "off"}
    begun = timezone.now() - timedelta(days=8)
    for day in range(7):
        slot = begun + timedelta(days=day)
        JobRun.objects.create(
            job="tokens", slot=slot, state=State.DONE, started_at=slot, ended_at=slot + timedelta(seconds=1.5)
        )
    answer = admin_client.get("/api/jobs/").json()
    listed = {job["name"]: job for job in answer["results"]}
    assert list(listed) == [job.name for job in JOBS]
    assert listed["retention"] | {"title": ""} == {
        "name": "retention", "title": "", "schedule": "off", "next_at": None, "last_runs": []
    }  # fmt: skip
    tokens = listed["tokens"]
    assert tokens["schedule"] == "0 3 * * *"
    assert tokens["next_at"].endswith("T03:00:00Z")
    slots = [run["slot"] for run in tokens["last_runs"]]
    assert len(slots) == 5
    assert slots == sorted(slots, reverse=True)
    assert {(run["state"], run["duration_seconds"]) for run in tokens["last_runs"]} == {("done", 1.5)}


def test_a_job_is_asked_for_once_however_often_it_is_pressed(admin_client: APIClient, leader: None) -> None:
    first, second = (admin_client.post(NOW) for _ in range(2))
    assert (first.status_code, first.json()["state"], first.json()["by_hand"]) == (202, "asked", True)
    assert first.json()["detail"] == "A scheduler begins it within a second."
    assert second.json()["id"] == first.json()["id"]
    assert AuditEntry.objects.filter(action="job.run", object_id="tokens").count() == 2
    JobRun.objects.update(state=State.RUNNING)
    assert admin_client.post(NOW).json()["detail"] == ""
    JobRun.objects.update(state=State.DONE)
    assert admin_client.post(NOW).json()["id"] != first.json()["id"]


def test_without_a_scheduler_it_waits_for_one_and_says_so(admin_client: APIClient) -> None:
    answer = admin_client.post(NOW)
    assert answer.status_code == 202
    assert "No scheduler is running" in answer.json()["detail"]
    assert JobRun.objects.get().state == State.ASKED


def test_a_run_that_waits_to_be_tried_again_is_tried_now(admin_client: APIClient) -> None:
    later = timezone.now() + timedelta(minutes=15)
    run = JobRun.objects.create(job="tokens", slot=later, state=State.WAITING, started_at=later, due_at=later)
    assert admin_client.post(NOW).json()["id"] == str(run.pk)
    run.refresh_from_db()
    assert run.due_at
    assert run.due_at <= timezone.now()


def test_there_is_no_other_job(admin_client: APIClient) -> None:
    assert admin_client.post("/api/jobs/nothing/run/").status_code == 404


def test_the_admin_site_shows_the_runs_and_runs_a_job_now(admin: User) -> None:
    site = Client()
    assert site.login(username=admin.username, password=PASSWORD)
    now = timezone.now()
    JobRun.objects.create(job="tokens", slot=now, state=State.FAILED, error="The disk is full.", started_at=now)
    page = site.get("/admin/background_tasks/jobrun/").content.decode()
    assert "The disk is full." in page
    assert "No scheduler is running" in page
    assert all(job.title in page for job in JOBS)
    answer = site.post("/admin/background_tasks/job/tokens/run/", follow=True)
    assert "it begins once one is started" in answer.content.decode()
    assert JobRun.objects.filter(state=State.ASKED).count() == 1
    run = JobRun.objects.latest("slot")
    assert "Asked for" in site.get(f"/admin/background_tasks/jobrun/{run.pk}/change/").content.decode()
    assert site.post(f"/admin/background_tasks/jobrun/{run.pk}/delete/").status_code == 403


def test_editors_do_not_run_jobs_on_the_admin_site(site: Client) -> None:
    assert site.get("/admin/background_tasks/jobrun/").status_code == 403
    assert site.post("/admin/background_tasks/job/tokens/run/").status_code == 403
    assert not JobRun.objects.exists()


def works(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    """The job ``tokens`` does this."""

    def run(due: Due) -> dict[str, int]:
        assert due.term == 0
        if error:
            raise error
        return {"links": 3}

    made = tuple(jobs.Job(job.name, job.title, job.schedule, run) for job in JOBS)
    monkeypatch.setattr("background_tasks.management.commands.run_job.JOBS", made)


def test_a_command_runs_a_job_in_the_foreground(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    works(monkeypatch)
    call_command("run_job", "tokens")
    assert "links: 3\n" in capsys.readouterr().out
    run = JobRun.objects.get()
    assert (run.state, run.by_hand, run.counts) == (State.DONE, True, {"links": 3})


def test_what_fails_in_the_foreground_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    works(monkeypatch, OSError("the disk is full"))
    with pytest.raises(CommandError, match="OSError"):
        call_command("run_job", "tokens")
    assert JobRun.objects.get().state == State.FAILED


def test_a_job_that_runs_is_not_run_beside_itself_unless_its_process_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    works(monkeypatch)
    now = timezone.now()
    run = JobRun.objects.create(job="tokens", slot=now, by_hand=True, started_at=now, alive_at=now)
    with pytest.raises(CommandError, match="has not come to its end"):
        call_command("run_job", "tokens")
    JobRun.objects.update(alive_at=now - timedelta(minutes=1))
    call_command("run_job", "tokens")
    run.refresh_from_db()
    assert (run.state, run.error) == (State.FAILED, "The process that ran it was ended.")


@pytest.mark.parametrize("name", [job.name for job in JOBS])
def test_every_job_runs_where_there_is_nothing_to_do(name: str) -> None:
    jobs = {job.name: job for job in JOBS}
    rehearsal = name == "restore_rehearsal"
    if rehearsal:
        jobs["backup"].run(Due(slot=timezone.now(), stopped=lambda: False))
    for _ in range(1 if rehearsal else 2):  # to restore takes seconds, and leaves nothing to a second run
        counts = jobs[name].run(Due(slot=timezone.now(), stopped=lambda: False))
        assert all(isinstance(count, int) for count in counts.values())
