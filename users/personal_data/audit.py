"""What the audit trail tells of a person."""

from collections.abc import Iterable

from users.models import AuditEntry, User
from users.personal_data.base import Part, PersonalData


class AuditData(PersonalData):
    models = frozenset({"users.AuditEntry"})

    def export(self, user: User) -> Iterable[Part]:
        told = ("at", "action", "object_type", "object_id", "detail", "before", "after", "address", "request_id")
        deeds = AuditEntry.objects.filter(actor_id=user.pk).order_by("id")
        yield "audit_own_deeds", deeds.values(*told).iterator()
        about = AuditEntry.objects.filter(subject_id=user.pk).exclude(actor_id=user.pk).order_by("id")
        # Not by whom: that is somebody else's.
        yield "audit_about_the_account", about.values(*told[:-2]).iterator()

    def erase(self, user: User) -> None:
        """Erasing ends with it (users/erasing.py), since it leaves an entry behind."""
