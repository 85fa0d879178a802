"""Courses over HTTP: who makes, sees, finds and changes them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from learning.courses.services import course_enrol, rating_give
from learning.models import Course, CourseState, Enrolment, Rating, Topic, Video
from tests.conftest import client_of
from tests.learning.conftest import COURSES, Account, course_of, topics_of
from users.models import AuditEntry, Role, User

NEW = {"title": "Baking bread", "category": "Cooking", "difficulty": "easy", "price": "12.50"}


def titles(client: APIClient, **asked: str) -> list[str]:
    answer = client.get(COURSES, asked)
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["results"]]


def test_a_course_is_a_draft_until_an_admin_approves_it(
    teacher_client: APIClient, client: APIClient, admin_client: APIClient, account: Account
) -> None:
    made = teacher_client.post(COURSES, NEW)
    assert (made.status_code, made.json()["state"], made.json()["instructor"]) == (201, "draft", "tess")
    address = f"{COURSES}{made.json()['id']}/"
    other = client_of(account("tom", Role.TEACHER))
    assert [one.get(address).status_code for one in (teacher_client, admin_client, client, other)] == [
        200,
        200,
        404,
        404,
    ]
    assert [titles(one) for one in (teacher_client, client)] == [["Baking bread"], []]
    assert teacher_client.post(f"{address}approve/").status_code == 403
    assert admin_client.post(f"{address}approve/").json()["state"] == "approved"
    assert titles(client) == ["Baking bread"]
    assert admin_client.post(f"{address}withdraw/").json()["state"] == "draft"
    assert client.get(address).status_code == 404
    told = AuditEntry.objects.filter(object_type="course").order_by("id").values_list("action", "actor_name")
    assert list(told) == [("course.create", "tess"), ("course.update", "root"), ("course.update", "root")]


def test_a_teacher_changes_and_deletes_their_own_and_admins_all(
    teacher_client: APIClient, admin_client: APIClient, account: Account, course: Course
) -> None:
    address, other = f"{COURSES}{course.pk}/", client_of(account("tom", Role.TEACHER))
    assert teacher_client.patch(address, {"title": "Python, gently"}).json()["title"] == "Python, gently"
    assert other.patch(address, {"title": "Mine"}).status_code == 404
    assert other.delete(address).status_code == 404
    assert teacher_client.patch(address, {"instructor": "tom"}).json()["errors"].keys() == {"instructor"}
    assert admin_client.patch(address, {"instructor": "tom"}).json()["instructor"] == "tom"
    assert teacher_client.delete(address).status_code == 404
    assert other.delete(address).status_code == 204
    assert not Course.objects.exists()


def test_a_course_with_members_is_deleted_by_admins_only(
    teacher_client: APIClient, admin_client: APIClient, course: Course, user: User
) -> None:
    course_enrol(user=user, course=course)
    refused = teacher_client.delete(f"{COURSES}{course.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "course_has_members")
    assert admin_client.delete(f"{COURSES}{course.pk}/").status_code == 204


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": 7}, "title"),
        ({"difficulty": "impossible"}, "difficulty"),
        ({"price": "-1"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": 12345678.0}, "price"),
        ({"price": True}, "price"),
        ({"category": "x" * 101}, "category"),
    ],
)
def test_what_is_wrong_is_named(teacher_client: APIClient, wrong: dict[str, Any], field: str) -> None:
    answer = teacher_client.post(COURSES, NEW | wrong)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Course.objects.exists()


def test_who_is_no_teacher_makes_none(client: APIClient, editor_client: APIClient) -> None:
    assert [one.post(COURSES, NEW).status_code for one in (client, editor_client)] == [403, 403]


@pytest.fixture
def offer(teacher: User, account: Account) -> None:
    """Four courses; three people think something of them."""
    tom = account("tom", Role.TEACHER)
    made = [
        course_of(teacher, "Python from the start", price=0, topics=1),
        course_of(teacher, "Python for data", price=80, difficulty="hard", topics=1),
        course_of(tom, "Bread", price=20, category="Cooking", difficulty="medium", topics=1),
        course_of(tom, "Cakes", price=40, category="Cooking", description="Of flour and python eggs", topics=1),
    ]
    for number, one in enumerate(["ann", "ben", "cid"]):
        who = account(one)
        for course in made[: number + 1]:
            Enrolment.objects.create(user=who, course=course)
        rating_give(user=who, course=made[number], stars=3 + number)


@pytest.mark.usefixtures("offer")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Bread", "Cakes", "Python for data", "Python from the start"]),
        ({"q": "PYTHON"}, ["Cakes", "Python for data", "Python from the start"]),
        ({"q": "data python"}, ["Python for data"]),
        ({"q": "%"}, []),
        ({"category": "cooking", "difficulty": "medium"}, ["Bread"]),
        ({"price_max": "20"}, ["Bread", "Python from the start"]),
        ({"price_min": "20.01", "price_max": "79.99"}, ["Cakes"]),
        ({"instructor": "TOM"}, ["Bread", "Cakes"]),
        ({"state": "draft"}, []),
        ({"sort": "-price"}, ["Python for data", "Cakes", "Bread", "Python from the start"]),
        ({"sort": "newest"}, ["Cakes", "Bread", "Python for data", "Python from the start"]),
        ({"sort": "rating"}, ["Bread", "Python for data", "Python from the start", "Cakes"]),
        ({"sort": "popularity"}, ["Python from the start", "Python for data", "Bread", "Cakes"]),
    ],
)
def test_courses_are_found(client: APIClient, asked: dict[str, str], found: list[str]) -> None:
    assert titles(client, **asked) == found


@pytest.mark.parametrize(
    "asked",
    [{"price_min": "cheap"}, {"price_max": "1e400"}, {"sort": "luck"}, {"difficulty": "5"}, {"q": "x" * 201}],
)
def test_what_cannot_be_looked_for_is_refused(client: APIClient, asked: dict[str, str]) -> None:
    assert client.get(COURSES, asked).status_code == 400


@pytest.mark.usefixtures("offer")
def test_figures_name_no_few(client: APIClient) -> None:
    """Members are told in steps of five, and ratings without names."""
    bread, *_ = client.get(COURSES).json()["results"]
    assert (bread["rating"], bread["ratings_given"], bread["members"]) == (5.0, 1, 0)
    (rating,) = client.get(f"{COURSES}{bread['id']}/ratings/").json()["results"]
    assert rating.keys() == {"stars", "comment", "at"}


def test_a_list_costs_the_same_however_long_it_is(
    client: APIClient, teacher: User, django_assert_num_queries: Any
) -> None:
    client.get(COURSES)
    for number in range(12):
        course_of(teacher, f"Course {number}")
        if number in (1, 11):
            with django_assert_num_queries(4):  # who asks, the count, the page, its figures
                assert client.get(COURSES).json()["count"] == number + 1


def test_a_course_is_told_with_all_that_is_in_it(
    client: APIClient, teacher_client: APIClient, course: Course, user: User, django_assert_max_num_queries: Any
) -> None:
    topic = topics_of(course)[0]
    topic.learning_objectives, topic.prompt_template = ["Repeat a step"], "Be strict."
    topic.save()
    Video.objects.create(topic=topic, title="Loops", url="https://v.example.org/1", duration_seconds=60)
    course_enrol(user=user, course=course)
    with django_assert_max_num_queries(9):
        told = client.get(f"{COURSES}{course.pk}/").json()
    assert [[one["title"] for one in module["topics"]] for module in told["modules"]] == [
        ["Topic 1", "Topic 2"],
        ["Topic 3", "Topic 4"],
    ]
    first = told["modules"][0]["topics"][0]
    assert first["learning_objectives"] == ["Repeat a step"]
    assert first["videos"][0]["url"] == "https://v.example.org/1"
    assert "prompt_template" not in first
    assert told["enrolment"] == {"status": "active", "progress": 0}
    assert client.get(f"{COURSES}{course.pk}/modules/").json() == told["modules"]
    assert teacher_client.get(f"/api/learning/topics/{topic.pk}/").json()["prompt_template"] == "Be strict."


def test_the_videos_of_a_course_with_a_price_are_for_its_members(
    client: APIClient, teacher_client: APIClient, course: Course, user: User
) -> None:
    Video.objects.create(topic=topics_of(course)[0], title="Loops", url="https://v.example.org/1")
    Course.objects.update(price=5)

    def url(one: APIClient) -> str:
        return str(one.get(f"{COURSES}{course.pk}/").json()["modules"][0]["topics"][0]["videos"][0]["url"])

    assert (url(client), bool(url(teacher_client))) == ("", True)
    Enrolment.objects.create(user=user, course=course)
    assert url(client)


def test_parts_are_made_changed_put_in_order_and_deleted(
    teacher_client: APIClient, admin_client: APIClient, account: Account, teacher: User
) -> None:
    course = course_of(teacher, topics=0)
    modules = f"{COURSES}{course.pk}/modules/"
    third = teacher_client.post(modules, {"title": "Part 3"}).json()
    ids = [one["id"] for one in teacher_client.get(modules).json()]
    assert ids[-1] == third["id"]
    assert teacher_client.post(f"{modules}order/", {"ids": ids[::-1]}).status_code == 204
    assert [one["id"] for one in teacher_client.get(modules).json()] == ids[::-1]
    for wrong in (ids[:2], [*ids, ids[0]], [*ids[:2], 2**70]):
        assert teacher_client.post(f"{modules}order/", {"ids": wrong}).status_code == 400
    topics = f"/api/learning/modules/{third['id']}/topics/"
    made = {"title": "Loops", "learning_objectives": ["Repeat a step"], "prompt_template": "Be kind."}
    topic = teacher_client.post(topics, made).json()
    assert topic.items() >= made.items()
    assert teacher_client.post(topics, {"title": "X", "learning_objectives": [""]}).status_code == 400
    address = f"/api/learning/topics/{topic['id']}/"
    assert teacher_client.patch(address, {"title": "All loops"}).json()["title"] == "All loops"
    video = teacher_client.post(f"{address}videos/", {"title": "Loops", "url": "https://v.example.org/1"}).json()
    assert teacher_client.post(f"{address}videos/", {"title": "X", "url": "javascript:alert(1)"}).status_code == 400
    film = f"/api/learning/videos/{video['id']}/"
    assert teacher_client.patch(film, {"duration_seconds": 61}).json()["duration_seconds"] == 61
    other = client_of(account("tom", Role.TEACHER))
    for method, path in (
        ("post", modules),
        ("post", topics),
        ("post", f"{topics}order/"),
        ("get", address),
        ("patch", address),
        ("patch", film),
        ("delete", film),
        ("delete", f"/api/learning/modules/{third['id']}/"),
    ):
        assert getattr(other, method)(path, None if method == "get" else {"title": "X"}).status_code == 404, path
    assert teacher_client.delete(film).status_code == 204
    assert admin_client.delete(f"/api/learning/modules/{third['id']}/").status_code == 204
    assert not Topic.objects.filter(pk=topic["id"]).exists()
    assert not Video.objects.exists()


@pytest.mark.parametrize("path", ["courses/{}/", "courses/{}/enrol/", "courses/{}/leave/", "modules/{}/", "videos/{}/"])
@pytest.mark.parametrize("key", ["0", "999999", str(2**63), str(10**40)])
def test_an_id_that_there_is_not_is_not_found(admin_client: APIClient, path: str, key: str) -> None:
    method = admin_client.post if "/e" in path or "leave" in path else admin_client.patch
    assert method(f"/api/learning/{path.format(key)}", {}).status_code == 404


def test_members_rate_a_course_once_and_may_change_their_minds(client: APIClient, course: Course, user: User) -> None:
    address = f"{COURSES}{course.pk}/rating/"
    refused = client.put(address, {"stars": 5})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")
    course_enrol(user=user, course=course)
    client.put(address, {"stars": 5, "comment": "Wonderful"})
    assert client.put(address, {"stars": 3}).status_code == 200
    assert list(Rating.objects.values_list("stars", "comment")) == [(3, "")]
    for stars in (0, 6, 2.5, "4", None):
        assert client.put(address, {"stars": stars}).status_code == 400
    assert client.delete(address).status_code == 204
    assert not Rating.objects.exists()
    Course.objects.update(state=CourseState.DRAFT)
    assert client.put(address, {"stars": 5}).status_code == 404
