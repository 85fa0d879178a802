"""A learner, by what they send."""

from dataclasses import dataclass, field
from typing import Any

from rest_framework.test import APIClient

from users.models import User

START = "/api/sessions/start"


@dataclass
class Learning:
    """Starts the topic when it is first written in."""

    user: User
    client: APIClient
    topic: str
    course: str
    heard: list[str] = field(default_factory=list)
    """What the tutor said."""
    ended: list[str] = field(default_factory=list)
    """The last message, where it completed the topic."""
    session: dict[str, Any] = field(default_factory=dict)

    def start(self) -> dict[str, Any]:
        told = {"user_id": self.user.pk, "topic_id": self.topic, "course_id": self.course}
        answer = self.client.post(START, told)
        assert answer.status_code == 200, answer.content
        self.session = answer.json()
        return self.session

    def say(self, message: str) -> str:
        """What the tutor answers."""
        if not self.session:
            self.start()
        answer = self.client.post(f"/api/sessions/{self.session['id']}/message", {"message": message})
        assert answer.status_code == 200, answer.content
        body: dict[str, Any] = answer.json()
        self.heard.append(body["ai_message"])
        self.ended += [body["ai_message"]] if body["topic_completed"] else []
        return self.heard[-1]

    def done(self) -> bool:
        return bool(self.ended)

    def read(self) -> dict[str, Any]:
        body: dict[str, Any] = self.client.get(f"/api/sessions/{self.session['id']}").json()
        return body
