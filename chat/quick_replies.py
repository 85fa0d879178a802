"""The questions that editors offer to whoever begins a conversation."""

from django.db import transaction

from chat.models import QuickReply
from users.audit import audit_removal, audit_saved, state_of
from users.models import User

_FIELDS = ("text", "audience", "position", "active")


@transaction.atomic
def quick_reply_save(*, actor: User, reply: QuickReply) -> QuickReply:
    before = state_of(reply, _FIELDS)
    reply.save()
    audit_saved(actor=actor, row=reply, object_type="quick_reply", before=before, fields=_FIELDS)
    return reply


@transaction.atomic
def quick_reply_delete(*, actor: User, reply: QuickReply) -> None:
    audit_removal(actor=actor, row=reply, object_type="quick_reply", fields=_FIELDS)
    reply.delete()
