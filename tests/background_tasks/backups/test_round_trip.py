"""What was saved comes back: every row of every table, every file, and what is derived from them."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.core.management import CommandError
from django.test import Client
from django.utils import timezone

from background_tasks.backups.checking import backup_verify
from background_tasks.backups.making import backup_create
from chat.models import Message
from documents.models import Document
from documents.publishing import document_delete
from documents.selectors import point
from tests.background_tasks.backups.state import Place, files, run, tables, unsettled
from tests.conftest import PASSWORD, client_of
from tests.knowledge import opens_until
from users.models import AuditEntry, LoginSession, OutgoingMail, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("lived")
def test_everything_comes_back_and_what_came_since_is_gone(editor: User) -> None:
    stale = client_of(editor)
    assert Client().login(username=editor.username, password=PASSWORD)
    before, originals, old = tables(), files(), point()
    run("backup")
    assert backup_verify().manifest.files == len(originals) == 2

    newcomer = User.objects.create_user("newcomer", "new@example.org", PASSWORD)
    Message.objects.all().delete()
    for document in Document.objects.all():
        document_delete(document=document)
    assert len(files()) == 0
    with pytest.raises(CommandError, match="--overwrite"):
        run("restore")
    assert User.objects.filter(pk=newcomer.pk).exists()

    told = run("restore", overwrite=True)
    assert "lexical: " in told
    assert unsettled(tables()) == unsettled(before)
    assert files() == originals
    run("verify_audit")
    assert AuditEntry.objects.order_by("-id")[0].action == "backup.restore"
    # Nothing that was derived from another state is taken for this one's.
    assert point().lineage != old.lineage
    assert opens_until(client_of(editor)) == "six"
    # What was ended since is not open again, and nobody gets a number that somebody else had.
    assert stale.get("/api/auth/me/").status_code == 401
    assert not LoginSession.objects.filter(revoked_at=None, expires_at__lt=timezone.now() + timedelta(1)).exists()
    assert not BrowserSession.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert User.objects.create_user("another").pk > newcomer.pk


def test_a_message_that_is_written_meanwhile_is_in_it_whole_or_not_at_all(user: User, place: Place) -> None:
    """The state is that of the beginning, whatever is committed while rows are read."""
    client = client_of(user)
    client.post("/api/chat/messages/", {"content": "Before."})
    asked: list[int] = []

    def meanwhile() -> bool:
        if not asked:
            asked.append(client.post("/api/chat/messages/", {"content": "Meanwhile."}).status_code)
        return False

    made = backup_create(stopped=meanwhile)
    assert asked == [201]
    assert made.manifest.tables["chat_message"].rows == 2
    assert Message.objects.count() == 4


def test_a_file_that_is_deleted_meanwhile_is_in_it(lived: None, place: Place) -> None:
    def meanwhile() -> bool:
        for document in Document.objects.all():
            document_delete(document=document)
        return False

    made = backup_create(stopped=meanwhile)
    assert (made.manifest.files, made.manifest.lost) == (2, [])
    assert files() == {}


def test_a_file_that_was_lost_before_is_named_and_stops_nothing(lived: None, place: Place) -> None:
    first, second = sorted(path for path in (place.folder / "files").rglob("*") if path.is_file())
    first.unlink()
    second.write_bytes(second.read_bytes() + b"!")
    told = run("backup")
    assert first.name in told
    assert second.name in told
    assert sorted(backup_verify().manifest.lost) == [
        f"versions/{name[:2]}/{name}" for name in (first.name, second.name)
    ]


def test_a_database_that_is_not_migrated_yet_is_saved_too(user: User) -> None:
    """As before an update: the code is newer than the tables."""
    run("migrate", "background_tasks", "zero", verbosity=0)
    try:
        made = backup_create()
        assert "background_tasks_jobrun" not in made.manifest.tables
        assert made.manifest.tables["users_user"].rows == 1
    finally:
        run("migrate", verbosity=0)
