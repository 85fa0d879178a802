"""Which backups are kept, and what is said of the others."""

import shutil
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError
from filelock import FileLock
from pytest_django import Settings

from background_tasks.backups.errors import BackupStopped
from background_tasks.backups.keeping import spare
from background_tasks.backups.making import backup_create
from background_tasks.backups.stores.base import Stored, archive_name
from background_tasks.jobs import JOBS, Due
from tests.background_tasks.backups.state import Place, run
from users.models import AuditEntry

NOW = datetime(2026, 11, 29, 1, tzinfo=UTC)
STORED = [Stored(archive_name(NOW - timedelta(weeks=weeks), sealed=False), 1) for weeks in range(10)]


@pytest.mark.parametrize(
    ("keep", "days", "left"), [(8, 0, 8), (1, 0, 1), (20, 0, 10), (20, 30, 5), (3, 30, 3), (20, 1, 1)]
)
def test_so_many_are_kept_so_long_and_the_newest_always(keep: int, days: int, left: int, settings: Settings) -> None:
    settings.BACKUPS = {**settings.BACKUPS, "KEEP": keep, "KEPT_DAYS": days}
    assert len(STORED) - len(spare(STORED, good=STORED[0].name, now=NOW)) == left
    for good in STORED:  # whatever the clocks said
        assert good not in spare(STORED, good=good.name, now=NOW + timedelta(days=1000))


@pytest.mark.django_db(transaction=True)
def test_the_job_backs_up_and_removes_what_is_spare(place: Place, settings: Settings) -> None:
    settings.BACKUPS = {**settings.BACKUPS, "KEEP": 2}
    (place.folder / "backups").mkdir()
    for stored in STORED[:3]:
        (place.folder / "backups" / stored.name).touch()  # of a clock that was fast
    job = next(job for job in JOBS if job.name == "backup")
    counts = job.run(Due(slot=NOW, stopped=lambda: False))
    assert counts["removed"] == 2
    assert counts["rows"] > 0
    assert len(place.archives) == 2
    entry = AuditEntry.objects.get(action="backup.create")
    assert sorted(entry.detail["removed"]) == sorted(stored.name for stored in STORED[1:3])
    assert len(run("list_backups").splitlines()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_stopped_backup_is_none(place: Place) -> None:
    with pytest.raises(BackupStopped):
        backup_create(stopped=lambda: True)
    assert not place.archives


@pytest.mark.django_db(transaction=True)
def test_without_room_nothing_is_begun(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(CommandError, match="are needed in"):
        run("backup")
    assert list((place.folder / "backups").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_one_is_at_work_at_a_time(place: Place) -> None:
    with FileLock(place.folder / "backups.lock"), pytest.raises(CommandError, match="Another backup or restore"):
        run("backup")
