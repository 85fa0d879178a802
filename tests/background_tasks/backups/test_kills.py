"""Whoever is killed while backing up or restoring leaves no half of anything, and the next one puts it right."""

import pytest

from background_tasks.backups.making import backup_create
from tests.background_tasks.backups.state import Place, files, run, tables, unsettled
from tests.killing import Kill, Workshop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("lived")
def test_killed_anywhere_there_is_no_half_of_a_backup_and_no_half_of_a_restore(place: Place) -> None:
    before, originals = tables(), files()
    with Workshop() as workshop:
        for doing in (2, 6, 9, 12):
            assert workshop.command("backup", Kill("queued", doing))
            assert not place.archives
        backup_create()
        assert set(place.folder.glob("backups/.*")) == set()
        assert files() == originals
        assert len(place.archives) == 1
        present = tables()
        for doing in (100, 900, 1500):
            assert workshop.command("restore", Kill("queued", doing), overwrite=True)
            assert tables() == present
        assert not workshop.command("restore", overwrite=True)
    assert unsettled(tables()) == unsettled(before)
    assert files() == originals
    run("verify_audit")
