"""What is done to conversations. A question is saved before it is answered, and its answer however it ends."""

from django.db import transaction

from chat import selectors, tree
from chat.beginning import Exchange, exchange_begin
from chat.idempotency import RequestKey
from chat.models import Feedback, Kind, Message, Owner, Session
from chat.rated import gap_follow
from chat.streaming import exchange_answer
from users.audit import audit_record
from users.models import User

MOST_CHARACTERS = 4000


def session_create(*, user: User, title: str = "") -> Session:
    return Session.objects.create(user=user, title=title)


def session_rename(*, session: Session, title: str) -> Session:
    session.title = title
    session.save(update_fields=["title", "updated_at"])
    return session


@transaction.atomic
def session_delete(*, session: Session, actor: User | None = None) -> None:
    """Remove the session with its messages, and with the visitor whose it was; ``actor``: whose it is not."""
    if actor:
        audit_record(
            actor=actor,
            action="session.delete",
            object_type="session",
            object_id=str(session.pk),
            subject=session.user,
        )
    (session.visitor or session).delete()


def question_ask(
    *,
    user: Owner,
    content: str = "",
    session: Session | None = None,
    beside: Message | None = None,
    key: RequestKey | None = None,
    kind: Kind = Kind.CHAT,
) -> Exchange:
    """Save the question, answer it, and save the answer: complete, stopped, or failed with what came or an apology.

    Where it goes, and what else may come of it, says :func:`exchange_begin`.
    """
    exchange = exchange_begin(user=user, content=content, session=session, beside=beside, key=key, kind=kind)
    if not exchange.ended:
        exchange_answer(exchange)
    return exchange


def message_choose(*, message: Message) -> Message:
    """Show this version, and what comes before and after it, instead of those beside it."""
    tree.bring_to_front(message)
    return message


@transaction.atomic
def feedback_give(*, answer: Message, rating: str | None, comment: str = "") -> Message:
    """Keep what the asker thinks of an answer, in the place of what was said before; None takes it back.

    A question whose answer did not help is a knowledge gap, as a refused one is.
    """
    Message.objects.select_for_update(no_key=True).get(pk=answer.pk)  # what is said twice at once counts once
    before = Feedback.objects.filter(message=answer).values_list("rating", flat=True).first()
    if rating is None:
        Feedback.objects.filter(message=answer).delete()
    else:
        Feedback.objects.update_or_create(message=answer, defaults={"rating": rating, "comment": comment})
    gap_follow(answer=answer, before=before, rating=rating)
    return selectors.message_get(user=answer.session.owner, message_id=answer.pk, kind=Kind(answer.session.kind))
