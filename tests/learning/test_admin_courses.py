"""Courses and enrolments on the admin site."""

import pytest
from django.test import Client

from learning.courses.selectors import is_member
from learning.models import Course, CourseState, Enrolment
from tests.conftest import PASSWORD
from tests.learning.conftest import Account
from users.models import AuditEntry, Role, User

COURSES, ENROLMENTS = "/admin/learning/course/", "/admin/learning/enrolment/"


@pytest.fixture
def site(account: Account) -> Client:
    account("root", Role.ADMIN)
    browser = Client()
    assert browser.login(username="root", password=PASSWORD)
    return browser


def test_a_course_is_made_changed_approved_and_deleted(site: Client, teacher: User, user: User) -> None:
    fields = {"title": "Bread", "difficulty": "easy", "price": "5", "state": "draft", "instructor": teacher.pk}
    assert "Choose a teacher" in site.post(f"{COURSES}add/", {**fields, "instructor": user.pk}).content.decode()
    assert site.post(f"{COURSES}add/", fields).status_code == 302
    course = Course.objects.get()
    site.post(f"{COURSES}{course.pk}/change/", {**fields, "title": "Good bread"})
    for action, state in (("approve", CourseState.APPROVED), ("withdraw", CourseState.DRAFT)):
        site.post(COURSES, {"action": action, "_selected_action": [course.pk]})
        course.refresh_from_db()
        assert (course.title, course.state) == ("Good bread", state)
    assert "Good bread" in site.get(COURSES, {"q": "bread"}).content.decode()
    site.post(f"{COURSES}{course.pk}/delete/", {"post": "yes"})
    assert not Course.objects.exists()
    actions = AuditEntry.objects.filter(object_type="course").order_by("id").values_list("action", "actor_name")
    assert list(actions) == [(f"course.{verb}", "root") for verb in ("create", *["update"] * 3, "delete")]


def test_somebody_is_enrolled_and_taken_out(site: Client, course: Course, user: User) -> None:
    Course.objects.update(price=20)
    assert site.post(f"{ENROLMENTS}add/", {"user": user.pk, "course": course.pk}).status_code == 302
    assert is_member(user, course)
    assert "Python" in site.get(f"{COURSES}{course.pk}/change/").content.decode()
    enrolment = Enrolment.objects.get()
    assert site.get(f"{ENROLMENTS}{enrolment.pk}/change/").status_code == 200
    site.post(ENROLMENTS, {"action": "leave", "_selected_action": [enrolment.pk]})
    assert not is_member(user, course)
    assert AuditEntry.objects.filter(action="course.leave", actor_name="root").exists()


def test_editors_see_neither(client: object, editor: User) -> None:
    browser = Client()
    browser.login(username=editor.username, password=PASSWORD)
    assert [browser.get(page).status_code for page in (COURSES, ENROLMENTS)] == [403, 403]
