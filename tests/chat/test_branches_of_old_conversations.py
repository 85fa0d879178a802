"""Conversations from before there were versions have one path: each message after the one before it."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from chat.models import Message, Session
from users.models import User

MIGRATION = importlib.import_module("chat.migrations.0003_branches_feedback_quotas")


@pytest.mark.django_db
def test_their_messages_become_one_path(user: User) -> None:
    sessions = [Session.objects.create(user=user) for _ in range(2)]
    for position in (0, 1, 2, 5):
        for session in sessions:
            Message.objects.create(session=session, position=position, sender_type="user", content=str(position))
    MIGRATION.make_path(apps, connection.schema_editor())
    for session in sessions:
        told = session.messages.order_by("position").values_list("content", "parent__content", "chosen")
        assert list(told) == [("0", None, True), ("1", "0", True), ("2", "1", True), ("5", "2", True)]
