"""What a course gives its members to read answers them, and nobody else."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from documents.models import Collection, Document
from learning.courses.services import course_save
from learning.models import Course
from tests.conftest import client_of
from tests.knowledge import HOURS, work
from tests.learning.conftest import COURSES, Account
from users.models import Role, User

QUESTION = "When is the library open?"


def knows(client: APIClient) -> bool:
    """Whether both the chat and the single-question assistant answer from it, or neither."""
    said = client.post("/api/chat/messages/", {"content": QUESTION}).json()["bot_message"]
    single = client.post("/api/chatbot/query/", {"query": QUESTION}).json()
    found = client.get("/api/rag/search/", {"q": QUESTION}).json()["results"]
    told = {bool(said["grounded"]), bool(single["grounded"]), bool(found)}
    assert len(told) == 1
    return told.pop()


@pytest.fixture
def material(course: Course, teacher_client: APIClient) -> str:
    """Its address, once it is indexed."""
    address = f"{COURSES}{course.pk}/materials/"
    handed_in = teacher_client.post(address, {"title": "Hours", "content": HOURS})
    assert handed_in.status_code == 202, handed_in.content
    work()
    return address


@pytest.mark.usefixtures("material")
def test_material_answers_members_their_teacher_and_nobody_else(
    client: APIClient, teacher_client: APIClient, admin_client: APIClient, account: Account, course: Course
) -> None:
    stranger, other = client_of(account("eve")), client_of(account("tom", Role.TEACHER))
    address = f"{COURSES}{course.pk}/"
    assert [knows(one) for one in (client, stranger, other)] == [False, False, False]
    assert knows(teacher_client)
    client.post(f"{address}enrol/")
    assert [knows(client), knows(stranger)] == [True, False]
    admin_client.post(f"{address}withdraw/")
    assert [knows(client), knows(teacher_client)] == [False, True]
    admin_client.post(f"{address}approve/")
    assert knows(client)
    client.post(f"{address}leave/")
    assert not knows(client)


def test_who_was_a_member_before_there_was_material_is_invited_too(
    client: APIClient, course: Course, teacher_client: APIClient
) -> None:
    client.post(f"{COURSES}{course.pk}/enrol/")
    teacher_client.post(f"{COURSES}{course.pk}/materials/", {"title": "Hours", "content": HOURS})
    work()
    assert knows(client)
    assert Collection.objects.get(slug=f"course-{course.pk}").visibility == "invited"


@pytest.mark.usefixtures("material")
def test_a_new_instructor_takes_it_over(course: Course, teacher_client: APIClient, account: Account) -> None:
    tom = account("tom", Role.TEACHER)
    course_save(actor=None, course=Course.objects.get(pk=course.pk), instructor=tom)
    assert [knows(teacher_client), knows(client_of(tom))] == [False, True]


def test_only_whoever_looks_after_the_course_sees_and_changes_it(
    material: str, teacher_client: APIClient, client: APIClient, editor_client: APIClient, account: Account, user: User
) -> None:
    other = client_of(account("tom", Role.TEACHER))
    (told,) = teacher_client.get(material).json()["results"]
    assert (told["title"], told["state"]) == ("Hours", "published")
    for one, status in ((other, 404), (client, 403), (editor_client, 403)):
        assert one.get(material).status_code == status
        assert one.post(material, {"title": "X", "content": "Y"}).status_code == status
        assert one.delete(f"{material}{told['id']}/").status_code == status
    assert teacher_client.delete(f"{material}{told['id']}/").status_code == 204
    assert teacher_client.get(material).json()["count"] == 0
    assert not knows(teacher_client)


def test_files_are_taken_in(teacher_client: APIClient, course: Course) -> None:
    address = f"{COURSES}{course.pk}/materials/"

    def hand_in(*files: tuple[str, bytes]) -> Any:
        uploads = [SimpleUploadedFile(name, content) for name, content in files]
        return teacher_client.post(address, {"file": uploads}, format="multipart")

    assert hand_in(("a.md", b"# A\n\nOne."), ("b.txt", b"Two.")).status_code == 202
    work()
    assert hand_in(("a.md", b"# A\n\nOne.")).status_code == 200
    assert hand_in(("c.exe", b"MZ\x90\x00\x03")).status_code == 415
    assert teacher_client.post(address, {"title": "A"}).status_code == 400
    assert teacher_client.get(address).json()["count"] == 2


def test_a_collection_of_this_name_is_not_taken_for_the_courses_own(
    teacher_client: APIClient, editor_client: APIClient, course: Course
) -> None:
    taken = {"name": "Public", "slug": f"course-{course.pk}", "visibility": "public"}
    assert editor_client.post("/api/documents/collections/", taken).status_code == 201
    refused = teacher_client.post(f"{COURSES}{course.pk}/materials/", {"title": "A", "content": "B"})
    assert (refused.status_code, refused.json()["code"]) == (409, "slug_taken")


@pytest.mark.usefixtures("material")
def test_it_goes_with_the_course(teacher_client: APIClient, course: Course) -> None:
    assert teacher_client.delete(f"{COURSES}{course.pk}/").status_code == 204
    assert not Document.objects.exists()
    assert not Collection.objects.filter(slug=f"course-{course.pk}").exists()
