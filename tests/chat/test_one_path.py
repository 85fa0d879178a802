"""Whatever is asked, edited, made again and chosen, and in whatever order: one path is shown, from first to last."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import connection
from pytest_django import Settings

from chat import services, tree
from chat.beginning import Exchange, exchange_begin
from chat.models import Message, Session, Status
from chat.writing import WRITTEN
from users.models import User


@pytest.fixture(autouse=True)
def _no_limit(settings: Settings) -> None:
    settings.CHAT = {**settings.CHAT, "MESSAGES_A_MINUTE": 10_000}


def step(user: User, session: Session, chance: random.Random) -> None:
    """Do one thing to a conversation that a user could do, without answering."""
    message = chance.choice(list(session.messages.all()))
    if chance.random() < 0.3:
        services.message_choose(message=message)
        return
    beside = message if chance.random() < 0.6 else None
    exchange = exchange_begin(user=user, content=str(chance.random()), session=session, beside=beside)
    ended(exchange)


def ended(exchange: Exchange) -> None:
    Message.objects.filter(pk=exchange.answer.pk).update(status=Status.COMPLETE)


def check(session: Session) -> None:
    messages = list(session.messages.order_by("position"))
    assert [message.position for message in messages] == list(range(len(messages)))
    path = tree.shown(tree.nodes_of(session.pk).values())
    assert path[0].parent is None
    assert all(after.parent == before.pk and after.position > before.position for before, after in pairwise(path))
    senders = {message.pk: message.sender_type for message in messages}
    assert [senders[node.pk] for node in path] == ["user", "bot"] * (len(path) // 2)
    siblings = tree.siblings_of(messages)
    for message in messages:
        assert sum(other.chosen for other in messages if other.pk in siblings[message.pk]) == 1
        assert message.parent_id is None or senders[message.parent_id] != message.sender_type


@pytest.mark.parametrize("seed", range(4))
def test_after_any_number_of_steps(user: User, seed: int) -> None:
    exchange = exchange_begin(user=user, content="first")
    ended(exchange)
    chance = random.Random(seed)
    for _ in range(25):
        step(user, exchange.question.session, chance)
    check(exchange.question.session)


@pytest.mark.django_db(transaction=True)
def test_when_much_is_done_at_the_same_time(user: User) -> None:
    exchange = exchange_begin(user=user, content="first")
    ended(exchange)
    session = exchange.question.session

    def steps(seed: int) -> None:
        try:
            chance = random.Random(seed)
            for _ in range(8):
                beside = Message.objects.filter(session=session, sender_type="bot", status="complete").first()
                chosen = chance.choice([beside, beside and beside.parent, None])
                ended(exchange_begin(user=user, content="again", session=session, beside=chosen))
                services.message_choose(message=chance.choice(list(session.messages.all())))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(steps, range(4)))
    check(session)


def test_an_answer_that_ends_late_does_not_take_the_place_of_a_later_one(user: User) -> None:
    first = exchange_begin(user=user, content="first")
    ended(first)
    done = Message.objects.get(pk=first.answer.pk)
    early, late = (exchange_begin(user=user, beside=done) for _ in range(2))
    early.answer.status = Status.COMPLETE
    early.answer.save(update_fields=WRITTEN)
    check(first.question.session)
    assert tree.shown(tree.nodes_of(done.session_id).values())[-1].pk == late.answer.pk
