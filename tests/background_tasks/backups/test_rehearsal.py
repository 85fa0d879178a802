"""The newest backup is tried out beside the installation, which is not touched."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError

from background_tasks.jobs import JOBS, Due
from tests.background_tasks.backups.state import Place, files, run, tables

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("lived")
def test_a_good_backup_is_restored_and_its_indexes_are_asked(place: Place) -> None:
    run("backup")
    before = tables(), files()
    job = next(job for job in JOBS if job.name == "restore_rehearsal")
    counts = job.run(Due(slot=datetime.now(UTC), stopped=lambda: False))
    assert counts["files"] == 2
    assert counts["passages"] == counts["asked"] == counts["vectors"] > 1
    assert counts["rows"] == sum(rows for rows, _ in before[0].values()) - 1, "that it was made is on record since"
    assert (tables(), files()) == before
    assert not (place.folder / "rehearsal").exists()


def test_a_bad_one_fails_with_the_reason(place: Place) -> None:
    with pytest.raises(CommandError, match="There is no backup"):
        run("rehearse_restore")
    run("backup")
    archive = place.archives[0]
    archive.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(CommandError, match="could not be restored in a rehearsal: The archive is damaged"):
        run("rehearse_restore")
