"""A curriculum behind a REST service, which an API key of its own opens.

``GET /api/TrainingTopics/{id}``, ``GET /api/UserProgress/{id}/context``, ``POST /api/UserProgress/complete-topic``.
Names of members are read whatever their case, with or without underscores, and written in camel case.
"""

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID

import httpx2

from learning.tutoring.curriculum.base import (
    Completion,
    Curriculum,
    Plan,
    Snapshot,
    Standing,
    listed,
    no_such_topic,
)
from rag.errors import ProviderRejected
from rag.http import DeadlineClient, disconnection, garbled, refusal
from rag.retry import patient, retry
from users.models import User
from utils.errors import NotFound

SERVICE = "The curriculum service"
TRIES = 5
DELIVERY_SECONDS = 10.0
"""For one try to tell a completion; how often, says the outbox."""
_LONGEST = 20_000
"""Characters of a description."""


class _Missing(ProviderRejected):
    """The service has no such thing."""


class RemoteCurriculum(Curriculum):
    """A learner waits ``CURRICULUM_SECONDS`` in all at most; within them a call that fails is tried five times, with
    waits of 1 to 60 seconds."""

    local = False
    numbered = False

    def __init__(self, url: str, key: str, seconds: float) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._seconds = seconds
        self._client = DeadlineClient()

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["CURRICULUM_URL"], config["CURRICULUM_API_KEY"], config["CURRICULUM_SECONDS"])

    def snapshot(self, *, user: User, topic_key: str, course_key: str) -> Snapshot:
        topic_path = f"/api/TrainingTopics/{_segment(topic_key)}"
        standing_path = f"/api/UserProgress/{user.pk}/context"

        def read(left: float) -> Snapshot:
            topic = self._called("GET", topic_path, left)
            return Snapshot(_plan(topic, course_key), _standing(self._called("GET", standing_path, left)))

        try:
            return retry(read, timeout=self._seconds, kind="curriculum", provider="remote", tries=TRIES, wait=patient)
        except _Missing:
            raise no_such_topic() from None

    def complete(self, completion: Completion) -> None:
        body = {
            "userId": str(completion.user.pk),
            "topicId": completion.topic_key,
            "courseId": completion.course_key,
            "score": completion.score,
            "completedAt": completion.completed_at.isoformat().replace("+00:00", "Z"),
        }
        self._called("POST", "/api/UserProgress/complete-topic", DELIVERY_SECONDS, body, completion.key)

    def _called(
        self, method: str, path: str, timeout: float, body: Mapping[str, Any] | None = None, key: UUID | None = None
    ) -> Mapping[str, Any]:
        headers = {"X-API-Key": self._key, "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = str(key)
        try:
            answer = self._client.request(method, f"{self._url}{path}", headers=headers, json=body, timeout=timeout)
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
            # The cause is cut off on purpose: it may quote what was sent or said, and a log would show it.
            raise disconnection(SERVICE, error) from None
        if answer.status_code == 404:
            raise _Missing(f"{SERVICE} knows nothing of this (HTTP 404).")
        if not 200 <= answer.status_code < 300:
            raise refusal(SERVICE, answer.status_code, answer.headers)
        return _read(answer) if method == "GET" else {}


def _read(answer: httpx2.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        raise garbled(SERVICE) from None
    if not isinstance(told, dict):
        raise garbled(SERVICE)
    return {str(name).replace("_", "").lower(): value for name, value in told.items()}


def _plan(told: Mapping[str, Any], course_key: str) -> Plan:
    """Raises NotFound for a topic of another course, ProviderError for what has no title."""
    of_course = told.get("courseid")
    if of_course is not None and str(of_course) != course_key:
        raise no_such_topic()
    title = _text(told, "title") or _text(told, "name")
    if not title:
        raise garbled(SERVICE)
    description = "\n\n".join(filter(None, (_text(told, "description"), _text(told, "content"))))
    return Plan(
        course_title=_text(told, "coursetitle"),
        topic_title=title,
        description=description[:_LONGEST],
        learning_objectives=listed(told.get("learningobjectives")),
        prompt_template=_text(told, "prompttemplate"),
    )


def _standing(told: Mapping[str, Any]) -> Standing:
    return Standing(
        user_level=_text(told, "userlevel")[:50] or "beginner",
        completed_topics=listed(told.get("completedtopics")),
        struggles=listed(told.get("struggles") or told.get("strugglingconcepts")),
    )


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _segment(key: str) -> str:
    """One segment of a path, whatever the key is. Raises NotFound for what leads elsewhere."""
    if not key.strip(". "):
        raise NotFound("There is no such topic.")
    return quote(key, safe="")
