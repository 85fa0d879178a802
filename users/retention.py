"""Records of access that are worth nothing any more, accounts that nobody has come for, and how the audit trail forgets
people while it stays whole.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q, QuerySet
from django.utils import timezone

from users.audit import audit_forget
from users.models import ApiKey, AuditEntry, LoginSession, MailedToken, OutgoingMail, Role, User

_OF_AN_ACCOUNT = {MailedToken, OutgoingMail, AuditEntry}
"""What it has though nobody ever came for it."""


def api_keys_spent(before: datetime) -> QuerySet[ApiKey]:
    """Revoked or expired before this time."""
    return ApiKey.objects.filter(Q(revoked_at__lt=before) | Q(expires_at__lt=before))


def logins_expired(before: datetime) -> QuerySet[LoginSession]:
    """Sessions, ended or not, whose last token expired before this time."""
    return LoginSession.objects.filter(expires_at__lt=before)


def mailed_links_expired(before: datetime) -> QuerySet[MailedToken]:
    return MailedToken.objects.filter(expires_at__lt=before)


def browser_logins_expired(before: datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=before)


def accounts_unverified(before: datetime) -> QuerySet[User]:
    """Accounts that somebody registered before this time and never verified, where that is required.

    Nobody has ever logged in to them, nothing is theirs, and they have no link in a mail that is still good.
    """
    if not settings.REQUIRE_VERIFIED_EMAIL:
        return User.objects.none()
    accounts = User.objects.filter(
        date_joined__lt=before, is_verified=False, is_active=True, last_login=None, role=Role.USER
    )
    for relation in User._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if isinstance(relation, ForeignObjectRel) and isinstance(model, type) and model not in _OF_AN_ACCOUNT:
            theirs = model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            accounts = accounts.exclude(Exists(theirs))
    link = MailedToken.objects.filter(user=OuterRef("pk"), expires_at__gt=timezone.now())
    to_them = Q(user=OuterRef("pk")) | Q(address=OuterRef("new_email")) | Q(address=OuterRef("email"))
    mail = OutgoingMail.objects.filter(to_them, sent_at=None)
    return accounts.exclude(Exists(link)).exclude(Exists(mail))


def audit_names_old(before: datetime) -> QuerySet[AuditEntry]:
    """Entries before this time that tell who it was, or tell of an account."""
    named = ~Q(actor_salt="") & ~(Q(actor=None) & Q(address="") & Q(request_id=""))
    return AuditEntry.objects.filter(named | (~Q(object_salt="") & Q(subject__isnull=False)), at__lt=before)


def audit_names_forget(entries: QuerySet[AuditEntry]) -> int:
    """Blank who it was, and of whom they tell. The entries stay: a chain is not cut."""
    count = entries.count()
    if count:
        audit_forget(
            actors=entries,
            subjects=entries.filter(subject__isnull=False),
            action="audit.forget",
            object_type="audit",
            by=None,
        )
    return count
