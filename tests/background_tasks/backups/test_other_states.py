"""An archive of another version, of another kind of database, or made with other keys."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from pytest_django import Settings

from background_tasks.backups.archive import packed, whole
from background_tasks.backups.framing import Member, unframed
from chat.models import Message
from rag.models import Vector
from tests.background_tasks.backups.state import Place, files, run, tables
from users.models import AuditEntry, User

OLD = Path(__file__).parent / "form-1.tar.gz"
"""Made in November 2026 from SQLite, before users.0009 and background_tasks.0001. It has to be readable for good."""

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_archive_of_an_older_state_is_restored_and_migrated(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    told = run("restore", str(OLD), overwrite=True)
    assert "lexical: 1 passages" in told
    assert User.objects.get().username == "ada"
    question, answer = Message.objects.order_by("position")
    assert question.content == "When? 😀\t\\N"
    assert answer.parent == question
    assert answer.metadata == {"a": {"ü": "\u2028"}, "b": [1, 0.5, None], "large": 1e20}
    assert len(bytes(Vector.objects.get().data)) == 768
    assert [len(content) for content in files().values()] == [105]
    assert AuditEntry.objects.order_by("-id")[0].detail["from"] == "sqlite"
    run("verify_audit")
    # Migrated to the present state, with room for new rows.
    assert {"background_tasks_jobrun", "users_outgoingmail"} <= set(connection.introspection.table_names())
    run("migrate", check_unapplied=True, verbosity=0)
    assert User.objects.create_user("new").pk > 2, "the number of whoever was erased is not given again"


def changed(place: Place, old: bytes, new: bytes) -> str:
    """The archive with another header, sealed as it should be."""
    path = place.folder / "changed.tar.gz"

    def members() -> Iterator[Member]:
        for name, _, content in unframed([OLD.read_bytes()]):
            data = b"".join(content)
            if name == "header.json":
                assert old in data
                data = data.replace(old, new)
            yield whole(name, data)

    path.write_bytes(b"".join(packed(members(), "")))
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"0008_sso_and_second_factor"', b'"0999_of_a_year_to_come"', "made by a newer version"),
        (b'"format": 1', b'"format": 2', "has form 2"),
        (b'"title",\n    "text"', b'"name",\n    "text"', "not those that this version's migrations make"),
    ],
)
def test_what_this_version_does_not_know_is_refused(place: Place, old: bytes, new: bytes, told: str) -> None:
    User.objects.create_user("here")
    archive, before = changed(place, old, new), tables()
    with pytest.raises(CommandError, match=told):
        run("restore", archive, overwrite=True)
    assert tables() == before


def test_other_keys_are_noticed(user: User, settings: Settings) -> None:
    settings.SECRET_KEY = "another key, with which nothing of the archive can be read"
    with pytest.raises(CommandError, match="AUDIT_KEY and SECRET_KEY"):
        run("restore", str(OLD), overwrite=True)
    assert User.objects.get() == user


def test_rows_that_do_not_fit_together_are_refused(place: Place, user: User) -> None:
    """Whole by its checksums, and yet impossible."""
    path = place.folder / "changed.tar.gz"

    def members() -> Iterator[Member]:
        for name, _, content in unframed([OLD.read_bytes()]):
            if name != "tables/chat_session/000001":
                yield whole(name, b"".join(content))

    path.write_bytes(b"".join(packed(members(), "")))
    with pytest.raises(CommandError, match="chat_session"):
        run("restore", str(path), overwrite=True)
    assert User.objects.get() == user


def test_a_copy_of_an_archive_is_named_by_its_path(place: Place) -> None:
    shutil.copy(OLD, place.folder / "kept elsewhere")
    assert "is whole" in run("verify_backup", str(place.folder / "kept elsewhere"))
    with pytest.raises(CommandError, match="There is no file"):
        run("verify_backup", str(place.folder / "nowhere"))
    with pytest.raises(CommandError, match="There is no backup"):
        run("verify_backup")
    assert "There is no backup" in run("list_backups")
