"""What every test may use."""

import gc
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.log_watch import PASSWORD, _no_secret_is_logged, log_watch
from users import audit_guard
from users.models import Role, User
from users.services import account_create

__all__ = ["PASSWORD", "_no_secret_is_logged", "log_watch"]


def pytest_collection_finish() -> None:
    """What is loaded by now stays; the garbage collector need not look at it after every few tests."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _indexes(settings: Settings, tmp_path: Path) -> None:
    """Each test has indexes of its own, as it has a database of its own."""
    settings.RAG = {**settings.RAG, "INDEX_DIR": tmp_path / "indexes"}
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def _cache(settings: Settings) -> None:
    """What one test remembers, another does not."""
    prefix = uuid4().hex
    settings.CACHES = {name: {**cache, "KEY_PREFIX": prefix} for name, cache in settings.CACHES.items()}


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every test may use the database: it is the real one."""


@pytest.fixture(autouse=True)
def _audit_guard(_database: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """The audit trail refuses what empties the database after a test in transactions of its own, so it goes before."""
    if audit_guard.missing():
        audit_guard.lay()
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        audit_guard.lift()


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
