"""The daily report: made once for each day, mailed once, kept when its rows are gone, read by admins."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks.jobs import JOBS, Due
from background_tasks.models import DailyReport, JobRun
from background_tasks.reports.days import Day
from background_tasks.reports.making import report_make
from chat.models import Message, Session
from rag.models import KnowledgeGap
from tests.background_tasks.activity import Living
from tests.conftest import PASSWORD, client_of
from users.models import OutgoingMail, Role, User
from users.services import account_create

TODAY = timezone.now().date()
YESTERDAY = TODAY - timedelta(days=1)


def run(moment: date) -> dict[str, int]:
    """The job, as it is due at eight on this day."""
    slot = datetime(moment.year, moment.month, moment.day, 8, tzinfo=UTC)
    job = next(job for job in JOBS if job.name == "daily_report")
    return dict(job.run(Due(slot, lambda: False)))


def live(day: date, exchanges: int = 30, prefix: str = "person") -> None:
    whole = Day(day, "UTC")
    Living(5, begins=whole.begins, ends=whole.ends, prefix=prefix).live(exchanges)


def gap(question: str, **fields: Any) -> KnowledgeGap:
    values = {"confidence": 0.1, "best_score": 0.1, "last_asked": Day(YESTERDAY, "UTC").begins, **fields}
    made = KnowledgeGap.objects.create(key=question[:64], question=question, **values)
    KnowledgeGap.objects.update(first_asked=Day(YESTERDAY, "UTC").begins)
    return made


@pytest.fixture(autouse=True)
def _by_words(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}


@pytest.fixture
def admin() -> User:
    return account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)


def test_the_job_makes_one_report_and_one_mail_however_often_it_runs(admin: User) -> None:
    live(YESTERDAY)
    assert run(TODAY) == {"reports": 1, "mails": 1}
    assert run(TODAY) == {"reports": 0, "mails": 0}
    assert DailyReport.objects.get().day == YESTERDAY
    assert OutgoingMail.objects.get().address == admin.email


def test_a_report_that_was_asked_for_before_is_mailed_all_the_same(admin: User) -> None:
    call_command("daily_report", date=YESTERDAY, stdout=StringIO())
    assert not OutgoingMail.objects.exists()
    assert run(TODAY) == {"reports": 0, "mails": 1}


def test_missed_days_are_made_up_for_and_told_in_one_mail(admin: User) -> None:
    run(TODAY - timedelta(days=8))
    OutgoingMail.objects.all().delete()
    assert run(TODAY) == {"reports": 8, "mails": 1}
    days = list(DailyReport.objects.order_by("day").values_list("day", flat=True))
    assert days == [TODAY - timedelta(days=back) for back in range(9, 0, -1)]
    told = re.findall(r"^  (\d{4}-\d\d-\d\d): \d+ questions$", OutgoingMail.objects.get().text, re.MULTILINE)
    assert told == [str(day) for day in days[1:-1]]


def test_a_stored_report_outlives_its_rows_and_is_not_made_from_what_is_left() -> None:
    live(YESTERDAY)
    before = report_make(day=YESTERDAY).report.counted
    assert report_make(day=YESTERDAY, again=True).report.counted == before
    Session.objects.order_by("pk")[0].delete()
    assert report_make(day=YESTERDAY).report.counted == before
    with pytest.raises(CommandError, match="have been removed"):
        call_command("daily_report", date=YESTERDAY, again=True, stdout=StringIO())
    assert DailyReport.objects.get().counted == before


def test_what_may_have_been_removed_for_its_age_is_told(settings: Settings) -> None:
    settings.KEPT_DAYS = {**settings.KEPT_DAYS, "conversations": 5}
    told = {}
    for back in (3, 6):
        out = StringIO()
        call_command("daily_report", date=TODAY - timedelta(days=back), json=True, stdout=out)
        told[back] = json.loads(out.getvalue())
    assert (told[3]["complete"], told[6]["complete"]) == (True, False)
    assert any("may have been removed" in need["text"] for need in told[6]["needs_a_look"])


def test_a_day_that_is_not_over_has_no_report() -> None:
    with pytest.raises(CommandError, match="not over"):
        call_command("daily_report", date=TODAY + timedelta(days=1), stdout=StringIO())
    assert not DailyReport.objects.exists()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags, self.loads = "", set[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "background", "srcset")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_both_forms_of_the_mail_tell_the_same_and_name_nobody(admin: User) -> None:
    live(YESTERDAY, prefix="wilhelmina")
    day = Day(YESTERDAY, "UTC")
    JobRun.objects.create(
        job="backup", slot=day.begins, state="failed", worker="x", started_at=day.begins, ended_at=day.begins
    )
    gap("Where can I park my <b>car</b>? I am jane.doe@example.org", times=3)
    gap("What is told of once only?", times=1)
    run(TODAY)
    mail = OutgoingMail.objects.get()
    page = _Page()
    page.feed(mail.html)
    asked = Message.objects.filter(sender_type="user").count()
    for form in (mail.text, page.text):
        assert f"{asked} questions by 5 users" in form
        assert "backup failed" in form
        assert "Where can I park my <b>car</b>? I am e-mail address" in form
        assert "refused 3 times" in form
        assert "told of once only" not in form
        assert not re.search("wilhelmina|jane.doe|person", form)
    assert f"http://testserver/admin/reports/{YESTERDAY}/" in mail.text
    assert f"{asked} questions" in mail.subject
    assert not page.tags & {"script", "svg", "img", "link", "iframe", "b-car"}
    assert not page.loads
    assert "url(" not in mail.html


def test_words_of_who_was_erased_are_in_no_report(client: APIClient, user: User, admin: User) -> None:
    client.post("/api/chat/messages/", {"content": "Where do the otters sleep?"})
    tomorrow = timezone.now() + timedelta(days=1)
    report_make(day=timezone.now().date(), now=tomorrow.replace(hour=8))
    stored = DailyReport.objects.get()
    assert stored.found["gaps"]["questions"] == 1
    assert "otters" not in json.dumps([stored.counted, stored.found])
    address = f"/api/reports/{stored.day}/"
    assert client_of(admin).get(address).json()["asked_in_vain"][0]["example"] == "Where do the otters sleep?"
    assert client.delete("/api/auth/me/", {"password": PASSWORD}).status_code == 204
    told = client_of(admin).get(address).json()["asked_in_vain"][0]
    assert (told["example"], told["ids"], told["times"]) == ("", [], 1)


def test_admins_read_reports_over_the_api(admin: User) -> None:
    live(YESTERDAY)
    report_make(day=YESTERDAY)
    api = client_of(admin)
    listed = api.get("/api/reports/").json()["results"]
    assert [row["date"] for row in listed] == [str(YESTERDAY)]
    whole = api.get(f"/api/reports/{YESTERDAY}/").json()
    assert whole["counted"]["questions"]["total"] == listed[0]["questions"] == 30
    assert len(whole["counted"]["questions"]["by_hour"]) == 24
    assert api.get(f"/api/reports/{TODAY}/").status_code == 404
    assert api.get("/api/reports/soon/").status_code == 404


def test_the_admin_site_shows_reports_to_admins_alone(admin: User, site: Client) -> None:
    for back in (1, 2, 4):
        live(TODAY - timedelta(days=back), 20, prefix=f"p{back}-")
        report_make(day=TODAY - timedelta(days=back))
    own = Client()
    own.force_login(admin)
    for days in ("30", "365", "x"):
        page = own.get(f"/admin/reports/?days={days}").content.decode()
        assert page.count("<svg") >= 6
        assert f"/admin/reports/{YESTERDAY}/" in page
    page = own.get(f"/admin/reports/{YESTERDAY}/").content.decode()
    assert "20 questions by" in page
    assert f"/admin/reports/{TODAY - timedelta(days=2)}/" in page
    assert own.get("/admin/reports/2020-01-01/").status_code == 404
    for path in ("/admin/reports/", f"/admin/reports/{YESTERDAY}/"):
        assert site.get(path).status_code == 403
        assert Client().get(path).status_code == 302


def test_a_day_without_anything_is_told_as_such(admin: User) -> None:
    run(TODAY)
    assert "Nobody asked anything." in OutgoingMail.objects.get().text
    own = Client()
    own.force_login(admin)
    assert own.get("/admin/reports/").status_code == 200
    assert own.get(f"/admin/reports/{YESTERDAY}/").status_code == 200
