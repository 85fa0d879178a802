"""The trail of who did what to which object."""

from collections.abc import Mapping
from typing import Any

from users.models import AuditEntry, User


def audit_record(
    *, actor: User | None, action: str, object_type: str, object_id: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Leave an entry in the trail, in the transaction of the deed itself. ``action`` reads ``object.verb``."""
    AuditEntry.objects.create(
        actor=actor,
        actor_name=actor.username if actor else "",
        action=action,
        object_type=object_type,
        object_id=object_id,
        detail=dict(detail or {}),
    )
