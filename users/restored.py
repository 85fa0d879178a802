"""After a backup was restored: what was ended since is not open again."""

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from users.models import Ending, LoginSession, MailedToken, OutgoingMail, SignOn, User


@transaction.atomic
def access_end() -> None:
    """Everybody has to log in again, no mailed link is good any more, and no mail of another time is sent.

    The rows are of the time of the backup: they do not know who has logged out or was logged out since, nor what was
    mailed. Passwords, roles and API keys are as they were then.
    """
    User.objects.update(token_version=F("token_version") + 1)
    LoginSession.objects.filter(revoked_at=None).update(revoked_at=timezone.now(), revoked_why=Ending.ACCOUNT)
    for model in (Session, MailedToken, SignOn, OutgoingMail):
        model._default_manager.all().delete()
