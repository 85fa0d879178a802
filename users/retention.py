"""Records of access that are worth nothing any more, and how the audit trail forgets people while it stays whole."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from users.audit import audit_forget
from users.models import ApiKey, AuditEntry, LoginSession, MailedToken


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
