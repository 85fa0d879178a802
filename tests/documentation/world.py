"""What the examples speak of: the accounts, conversations, documents and files behind their placeholders."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat
from docx import Document as WordDocument
from rest_framework.test import APIClient

from documents.models import Collection, Source, SourceKind, Visibility
from documents.services import Submission, collection_default, collection_ensure, documents_submit
from documents.sources.hooks import secret_of
from documents.sources.services import source_create
from learning.courses.services import course_enrol
from learning.models import Video
from tests.chat.visitors import Guest
from tests.documentation.blocks import Block
from tests.documents.pdf_files import make_pdf, rows
from tests.knowledge import work
from tests.learning.conftest import course_of, topics_of
from tests.users.second_factor.conftest import challenge_of, enrolled
from users.api_keys import api_key_create
from users.login_sessions import tokens_issue
from users.mailed_tokens import mailed_token_make
from users.models import LoginSession, MailedToken, Role, User
from users.services import account_create

PASSWORD = "correct horse battery staple"
SRT = "1\n00:00:00,000 --> 00:01:20,000\nThe harbour was built in 1642.\n"


def role_for(block: Block) -> Role:
    """Who may do what the block does."""
    if re.search(r"/api/(documents|rag/index)/", block.text):
        return Role.EDITOR
    return Role.TEACHER if "/transcripts/" in block.text else Role.USER


def files_make(folder: Path) -> None:
    """The files that the examples send."""
    (folder / "manual.pdf").write_bytes(make_pdf([rows("The manual", "Press the green button to start.")]))
    prices = WordDocument()
    prices.add_paragraph("A ticket costs four euros.")
    prices.save(str(folder / "prices.docx"))
    (folder / "faq.html").write_text("<h1>Questions</h1><p>We are open on Sundays.</p>")
    (folder / "lecture.srt").write_text(SRT)
    (folder / "manuals").mkdir()
    (folder / "manuals" / "lamp.md").write_text("# The lamp\n\nIt has three buttons.")
    (folder / "faq.md").write_text("# Questions\n\nThe lamp is sold in blue.")


@dataclass
class World:
    port: int
    variables: dict[str, str] = field(default_factory=dict)
    ada: User = field(init=False)

    def begin(self, block: Block) -> None:
        """Everybody of before goes by another name, so that each block finds what it speaks of, as its page has it."""
        gone = f"-{uuid4().hex[:8]}"
        User.objects.filter(username__in=("ada", "edda", "demo")).update(
            username=Concat(F("username"), Value(gone)), email=Concat(F("username"), Value(f"{gone}@example.org"))
        )
        Collection.objects.filter(slug__in=("support", "editors-only", "staff")).update(
            slug=Concat(F("slug"), Value(gone))
        )
        Source.objects.filter(slug__in=("help", "docs")).update(slug=Concat(F("slug"), Value(gone)))
        collection_default()
        self.variables = {}
        if not re.search(r"/register/|create_account", block.text):
            self.ada = account_create(
                username="ada", email="ada@example.org", password=PASSWORD, role=Role(role_for(block))
            )
            issued = tokens_issue(user=self.ada)
            self.variables = {"TOKEN": issued.access, "ID": str(LoginSession.objects.get(user=self.ada).pk)}
        if "/api/documents/collections/ " not in block.text:
            for slug in ("support", "editors-only", "staff"):
                collection_ensure(slug=slug, name=slug, visibility=Visibility.MEMBERS)

    def filled(self, block: Block) -> str:
        """The block's text, with what a reader would put in the place of its placeholders."""
        text = block.text.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{self.port}")
        for makes, placeholders in self._makers().items():
            if any(placeholder in text for placeholder in placeholders):
                for placeholder, value in zip(placeholders, makes(block), strict=True):
                    text = text.replace(placeholder, value)
        return text

    def _makers(self) -> dict[Callable[[Block], tuple[str, ...]], tuple[str, ...]]:
        return {
            self._demo: ("the printed password", "the value of access"),
            self._token_itself: ("paste the value of access here",),
            self._refresh: ("paste the refresh token here",),
            self._mailed: ("paste the token here",),
            self._second_step: ("paste the challenge here", "492039"),
            self._conversation: ("SESSION_ID", "QUESTION_ID", "ANSWER_ID", "6f0c…", '"visitor_token": "…"'),
            self._document: ("DOCUMENT_ID",),
            self._source: ("SOURCE_ID", "whsec_..."),
            self._key: ("gk_…",),
            self._course: ('"video_id": 3', "/videos/3/", '"user_id": 7, "topic_id": 12, "course_id": 3'),
            self._account: ("second_factor NAME",),
        }

    def _demo(self, block: Block) -> tuple[str, ...]:
        demo = account_create(username="demo", email="demo@example.org", password=PASSWORD, role=Role.USER)
        return PASSWORD, tokens_issue(user=demo).access

    def _token_itself(self, block: Block) -> tuple[str, ...]:
        return (self.variables["TOKEN"],)

    def _refresh(self, block: Block) -> tuple[str, ...]:
        return (tokens_issue(user=self.ada).refresh,)

    def _mailed(self, block: Block) -> tuple[str, ...]:
        purpose = MailedToken.Purpose.RESET if "/reset/" in block.text else MailedToken.Purpose.VERIFY
        User.objects.filter(pk=self.ada.pk).update(is_verified=purpose == MailedToken.Purpose.RESET)
        return (mailed_token_make(user=self.ada, purpose=purpose, address=self.ada.email)[1],)

    def _second_step(self, block: Block) -> tuple[str, ...]:
        app, _ = enrolled(self.client())
        return challenge_of(self.ada), app.next()

    def _conversation(self, block: Block) -> tuple[str, ...]:
        if block.page.stem == "chat-for-visitors":
            guest = Guest()
            guest.ask("How do I index a PDF?")
            self.variables["VISITOR_TOKEN"] = guest.token
            return guest.session, "-", "-", "-", f'"visitor_token": "{guest.token}"'
        asked = self.client().post("/api/chat/messages/", {"content": "How do I index a PDF?"}).json()
        question, answer = asked["user_message"], asked["bot_message"]
        return answer["session_id"], question["id"], answer["id"], answer["session_id"], "-"

    def _document(self, block: Block) -> tuple[str, ...]:
        made = documents_submit(
            submissions=[Submission(b"# A page\n\nOf ours.", "page.md", source_uri=f"{uuid4()}.md")],
            collection=collection_default(),
        )
        return (str(made.job.versions.get().document_id),)

    def _source(self, block: Block) -> tuple[str, ...]:
        source = source_create(
            collection=collection_default(), name="CMS", slug=f"cms-{uuid4().hex[:8]}", kind=SourceKind.HOOK
        )
        return str(source.pk), secret_of(source)

    def _key(self, block: Block) -> tuple[str, ...]:
        return (api_key_create(user=self.ada, name="Example", scopes=["chat", "mcp", "search"])[1],)

    def _course(self, block: Block) -> tuple[str, ...]:
        name = f"tess-{uuid4().hex[:8]}"
        tess = account_create(username=name, email=f"{name}@example.org", password=PASSWORD, role=Role.TEACHER)
        course = course_of(self.ada if self.ada.role == Role.TEACHER else tess)
        topic = topics_of(course)[0]
        video = Video.objects.create(topic=topic, title="The town by the sea", duration_seconds=240)
        if "/agents/" in block.text:
            sent = self.client(tess).post(f"/api/learning/videos/{video.pk}/transcripts/", {"text": SRT})
            assert sent.status_code == 202, sent.content
            work()
        if self.ada.role == Role.USER:
            course_enrol(user=self.ada, course=course)
        numbers = f'"user_id": {self.ada.pk}, "topic_id": {topic.pk}, "course_id": {course.pk}'
        return f'"video_id": {video.pk}', f"/videos/{video.pk}/", numbers

    def _account(self, block: Block) -> tuple[str, ...]:
        enrolled(self.client())
        return ("second_factor ada",)

    def client(self, user: User | None = None) -> APIClient:
        """The API as somebody, as ada where nobody is named."""
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens_issue(user=user or self.ada).access}")
        return client


def shaped(told: Any, example: Any) -> bool:
    """Whether all names of an example are in an answer, with values of their kind."""
    if isinstance(example, dict):
        return isinstance(told, dict) and all(
            name in told and shaped(told[name], value) for name, value in example.items()
        )
    if isinstance(example, list):
        return isinstance(told, list) and (not example or (bool(told) and shaped(told[0], example[0])))
    return (
        example is None
        or told is None
        or isinstance(told, type(example))
        or {type(told), type(example)} <= {int, float}
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder, which is the working folder too."""
    folder = tmp_path / "home"
    folder.mkdir()
    files_make(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return folder
