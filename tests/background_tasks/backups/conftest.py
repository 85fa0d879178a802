"""An installation in a folder of the test's own, with a row of every kind."""

from pathlib import Path

import pytest
from pytest_django import Settings

from chat.models import Message
from learning.models import Course
from tests.background_tasks.backups.state import Place
from tests.conftest import client_of
from tests.knowledge import HOURS, LOANS, submit
from tests.users.persons import Filling, hangs_on_accounts
from users.models import User


@pytest.fixture(autouse=True)
def place(settings: Settings, tmp_path: Path) -> Place:
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.BACKUPS = {**settings.BACKUPS, "DIR": tmp_path / "backups"}
    return Place(tmp_path)


@pytest.fixture
def lived(user: User, editor: User) -> None:
    """Documents are indexed, somebody has asked, and each model that knows of accounts has a row."""
    submit(client_of(editor), "Hours", HOURS)
    submit(client_of(editor), "Loans", LOANS)
    client_of(user).post("/api/chat/messages/", {"content": "Until when is the library open?"})
    filling = Filling(user)
    for model in hangs_on_accounts():
        if model._meta.app_label != "documents":  # they would have no file
            filling.fill(model)
    Course.objects.update(price="19.90")
    odd = {
        "text": 'Zoë "\\\n\u2028 😀',
        "numbers": [0.1, -7, 1.5e-9, 12345678901234567890],
        "none": None,
        "b": {"z": 1, "a": []},
    }
    message = Message.objects.order_by("pk")[0]
    Message.objects.filter(pk=message.pk).update(metadata=odd, content='\ttab, "quotes", \\N and\r\nlines 😀')
