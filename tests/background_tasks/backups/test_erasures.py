"""Who was erased since a backup does not come back with it."""

import pytest

from tests.background_tasks.backups.state import Place, run
from tests.conftest import PASSWORD
from users import tombstones
from users.erasing import account_erase
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person() -> User:
    return User.objects.create_user("quirinus", "quirinus@zoltan.example", PASSWORD)


def test_an_account_that_was_erased_since_is_erased_again(user: User, person: User) -> None:
    run("backup")
    account_erase(user=person)
    tombstones.place().unlink()  # the rows know it too
    assert "erased again, since they were back: 1" in run("restore", overwrite=True)
    assert [account.username for account in User.objects.all()] == [user.username]
    run("verify_audit")


def test_on_a_new_machine_the_newest_backup_tells_who_was_erased(user: User, person: User, place: Place) -> None:
    run("backup")
    older = place.archives[0].rename(place.folder / "backups" / "backup-20260101T000000Z.tar.gz")
    account_erase(user=person)
    run("backup")
    tombstones.place().unlink()
    User.objects.filter(pk=user.pk).update(username="somebody")
    run("restore", "backup-20260101T000000Z.tar.gz", overwrite=True)
    assert [account.username for account in User.objects.all()] == [user.username]
    assert older.exists()
