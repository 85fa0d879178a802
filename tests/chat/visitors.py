"""People on websites, as tests play them."""

from dataclasses import dataclass, field
from typing import Any

from rest_framework.test import APIClient

ASK = "/api/chatbot/ask/"
QUESTION = "How many books may a reader borrow?"


@dataclass
class Guest:
    """A browser that keeps the latest token, as the widget does."""

    client: APIClient = field(default_factory=APIClient)
    headers: dict[str, str] = field(default_factory=dict)
    session: str = ""
    token: str = ""

    def ask(self, message: str = QUESTION, **more: Any) -> dict[str, Any]:
        if self.session:
            more = {"session_id": self.session, **more}
        answer = self.client.post(ASK, {"message": message, **more}, headers=self._headers())
        assert answer.status_code == 200, answer.content
        body: dict[str, Any] = answer.json()
        self.session, self.token = body["session_id"], body["visitor_token"]
        return body

    def read(self, session: str = "", token: str | None = None) -> Any:
        headers = self._headers() if token is None else {"Authorization": f"Visitor {token}"}
        return self.client.get(f"/api/chatbot/session/{session or self.session}/", headers=headers)

    def _headers(self) -> dict[str, str]:
        return {**self.headers, **({"Authorization": f"Visitor {self.token}"} if self.token else {})}
