"""What every test may use."""

import gc
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings
from rest_framework.test import APIClient

from tests import pristine
from tests.kept import knowledge
from tests.knowledge import HOURS, LOANS, work
from tests.log_watch import PASSWORD, _no_secret_is_logged, log_watch
from users.models import Role, User
from users.services import account_create

__all__ = ["PASSWORD", "_no_secret_is_logged", "log_watch"]


def pytest_configure() -> None:
    """What is loaded stays: the garbage collector need not look at it meanwhile, nor after every few tests."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """A test that commits leaves the database as it was found (tests/pristine.py)."""
    with django_db_blocker.unblock():
        pristine.remember()


@pytest.fixture(autouse=True)
def _folders(settings: Settings, tmp_path: Path) -> None:
    """Each test has indexes, files and backups of its own, as it has a database of its own."""
    settings.RAG = {**settings.RAG, "INDEX_DIR": tmp_path / "indexes"}
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.BACKUPS = {**settings.BACKUPS, "DIR": tmp_path / "backups"}


@pytest.fixture(autouse=True)
def _cache(settings: Settings) -> None:
    """What one test remembers, another does not."""
    prefix = uuid4().hex
    settings.CACHES = {name: {**cache, "KEY_PREFIX": prefix} for name, cache in settings.CACHES.items()}


@pytest.fixture(autouse=True)
def _database(db: None, request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Every test may use the database: it is the real one. One that is marked ``once`` must not."""
    once = request.node.get_closest_marker("once")
    with django_db_blocker.block() if once else nullcontext():
        yield


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ada", "ada@example.org", PASSWORD)


@pytest.fixture
def editor() -> User:
    return account_create(username="edda", email="edda@example.org", password=PASSWORD, role=Role.EDITOR)


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()


def client_of(user: User) -> APIClient:
    """A client that logged in over HTTP as its user would."""
    client = APIClient()
    answer = client.post("/api/auth/login/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client


@pytest.fixture
def client(user: User) -> APIClient:
    """The API as a registered user."""
    return client_of(user)


@pytest.fixture
def editor_client(editor: User) -> APIClient:
    """The API as a content editor."""
    return client_of(editor)


@pytest.fixture
def site(editor: User) -> Client:
    """The admin site as a content editor."""
    client = Client()
    assert client.login(username=editor.username, password=PASSWORD)
    return client


@pytest.fixture(scope="session")
def api_description() -> dict[str, Any]:
    """The OpenAPI schema, as anybody gets it. It takes seconds to make and is always the same."""
    answer = APIClient().get("/api/schema/?format=json")
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


@pytest.fixture
def library(editor: User, editor_client: APIClient) -> None:
    """A knowledge base of two documents about a town library."""

    def index() -> None:
        for title, content in (("Opening hours", HOURS), ("Loans", LOANS)):
            assert editor_client.post("/api/rag/index/", {"title": title, "content": content}).status_code == 202
        work()

    knowledge("library", editor, index)
