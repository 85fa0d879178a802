"""A curriculum service on 127.0.0.1, as learning/tutoring/curriculum/remote.py asks it.

By hand: ``python -m tests.loopback.curriculum --port 9105``, then ``CURRICULUM_URL=http://127.0.0.1:9105`` and
``CURRICULUM_API_KEY=loopback-key`` for the product.
"""

import re
from collections import Counter
from typing import Any

from tests.loopback.server import EventStream, Failure, LoopbackServer, Reply, Request
from tests.loopback.tutor import MATERIAL

_TOPIC = re.compile(r"/api/TrainingTopics/([^/]+)")
_CONTEXT = re.compile(r"/api/UserProgress/([^/]+)/context")


class LoopbackCurriculum(LoopbackServer):
    """Has topics, and takes completions, each key once."""

    def __init__(self, port: int = 0, key: str = "loopback-key") -> None:
        super().__init__(port, key)
        self.topics: dict[str, dict[str, Any]] = {
            "T-1": {
                "id": "T-1",
                "title": "Borrowing",
                "description": MATERIAL,
                "learningObjectives": ["Say how long a loan lasts", "Explain how a loan is renewed"],
                "courseId": "C-1",
                "courseTitle": "Using the library",
            }
        }
        self.completions: dict[str, dict[str, Any]] = {}
        """By their keys."""
        self.arrivals: Counter[str] = Counter()
        """How often each key came."""

    def answer(self, request: Request, failure: Failure | None) -> Reply | EventStream:
        if request.headers.get("x-api-key") != self.key:
            return Reply({"error": "unauthorized"}, 401)
        if request.method == "POST" and request.path == "/api/UserProgress/complete-topic":
            key = request.headers["idempotency-key"]
            self.arrivals[key] += 1
            self.completions.setdefault(key, request.json)
            return Reply({"status": "ok"})
        if topic := _TOPIC.fullmatch(request.path):
            found = self.topics.get(topic[1])
            return Reply(found) if found else Reply({"error": "unknown"}, 404)
        if learner := _CONTEXT.fullmatch(request.path):
            done = [told["topicId"] for told in self.completions.values() if told["userId"] == learner[1]]
            titles = [self.topics[topic]["title"] for topic in done]
            return Reply({"user_level": "beginner", "completed_topics": titles, "struggles": []})
        return Reply({"error": "unknown"}, 404)

    def control(self, request: Request) -> Reply:
        reply = super().control(request)
        arrivals, completions = list(self.arrivals.values()), list(self.completions.values())
        return Reply({**reply.body, "arrivals": arrivals, "completions": completions})


if __name__ == "__main__":
    LoopbackCurriculum.run()
