"""How often the agents may be asked: each in a minute, all in a day by subscription; tokens count with chat's."""

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Usage
from config.limits import DEFAULTS
from learning.models import Course, Learner, Tier, Video
from tests.learning.videos.conftest import SAID
from tests.loopback.mistral import LoopbackMistral
from users.models import User

HINT, PATH = "/api/learning/agents/hint/", "/api/learning/agents/path/"


def test_each_agent_has_a_minute_of_its_own(
    student_client: APIClient, course: Course, video: Video, settings: Settings
) -> None:
    settings.LIMITS = {**settings.LIMITS, "agent_path": (2, 60)}
    asked = {"current_course_id": course.pk}
    first = student_client.post(PATH, asked)
    assert first.headers["RateLimit"].startswith('"agent_path";r=1;')
    student_client.post(PATH, asked)
    refused = student_client.post(PATH, asked)
    assert refused.status_code == 429
    assert refused.json()["limit"] == "agent_path"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    reflection = student_client.post("/api/learning/agents/reflect/", {"video_id": video.pk})
    assert reflection.status_code == 200


def test_the_limits_are_those_of_the_contract() -> None:
    assert (DEFAULTS["agent_hint"], DEFAULTS["agent_quiz"]) == ((20, 60), (15, 60))


def test_a_day_has_as_many_calls_as_the_subscription(
    student_client: APIClient, student: User, course: Course, settings: Settings
) -> None:
    settings.AGENTS = {**settings.AGENTS, "CALLS_A_DAY": {"free": 1, "plus": 2, "pro": 0}}
    asked = {"current_course_id": course.pk}
    assert student_client.post(PATH, asked).status_code == 200
    refused = student_client.post(PATH, asked).json()
    assert (refused["limit"], refused["tier"], refused["allowed"]) == ("agent_day", "free", 1)
    Learner.objects.create(user=student, tier=Tier.PLUS)
    assert [student_client.post(PATH, asked).status_code for _ in range(2)] == [200, 429]
    Learner.objects.update(tier=Tier.PRO)
    assert student_client.post(PATH, asked).status_code == 200


@pytest.mark.usefixtures("transcript")
def test_the_tokens_of_the_day_are_those_of_chat(
    student_client: APIClient, student: User, video: Video, mistral: LoopbackMistral, settings: Settings
) -> None:
    mistral.scripted.append("Think of the wall.")
    asked = {"video_id": video.pk, "timestamp": 130}
    used = student_client.post(HINT, asked).json()["tokens_used"]
    day = Usage.objects.get(user=student)
    assert day.prompt_tokens + day.completion_tokens == used > 0
    settings.CHAT = {**settings.CHAT, "TOKENS_A_DAY": {**settings.CHAT["TOKENS_A_DAY"], "user": 10, "student": 10}}
    refused = student_client.post(HINT, {**asked, "transcript_segment": SAID[0]})
    assert refused.json()["code"] == "token_budget_exhausted"
