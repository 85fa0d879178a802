"""Conversations in which nothing has been asked for long."""

from datetime import datetime

from django.db.models import QuerySet

from chat.models import AnswerTrace, Session, Visitor


def conversations_old(before: datetime) -> QuerySet[Session]:
    """Of users, single questions too."""
    return Session.objects.filter(user__isnull=False, updated_at__lt=before)


def visitors_old(before: datetime) -> QuerySet[Visitor]:
    return Visitor.objects.filter(session__updated_at__lt=before)


def traces_old(before: datetime) -> QuerySet[AnswerTrace]:
    """What answers were made of; the answers stay."""
    return AnswerTrace.objects.filter(message__timestamp__lt=before)
