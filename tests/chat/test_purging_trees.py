"""Old messages go, whatever shape their conversation has; what is younger stays, in the order in which it was shown."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count, cycle
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import tree
from chat.models import Message, Sender, Session, Status, Visitor
from chat.purging import Purged, conversations_count, conversations_purge
from chat.retention import Limits
from users.models import User
from utils.pacing import Pace

NOW = timezone.now()
LIMIT = NOW - timedelta(days=30)
LIMITS = Limits(users=LIMIT, visitors=LIMIT)
_AGES = st.sampled_from([0, 29, 31, 60])
Exchange = tuple[int, int, int, list[tuple[int, bool]]]
"""After which answer it comes (modulo how many there are, and none); how many are shown instead of it; the age of the
question in days; age of each answer, and whether it is still written."""
TREES = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.integers(0, 20),
        _AGES,
        st.lists(st.tuples(_AGES, st.sampled_from([False] * 7 + [True])), min_size=1, max_size=3),
    ),
    max_size=7,
)


class Grown:
    """A conversation as it was: its rows, and which of them are to stay."""

    def __init__(self, exchanges: Sequence[Exchange], *, owner: User | Visitor, shown: Sequence[int]) -> None:
        whose = {"visitor": owner} if isinstance(owner, Visitor) else {"user": owner}
        self.session = Session.objects.create(title="Mine", **whose)
        self.rows: dict[UUID, Message] = {}
        self.kept: set[UUID] = set()
        answers: list[UUID | None] = [None]
        for after, _, age, made in exchanges:
            question = self._add(answers[after % len(answers)], Sender.USER, age)
            group = [question]
            for days, streaming in made:
                group.append(
                    self._add(question.pk, Sender.BOT, days, Status.STREAMING if streaming else Status.COMPLETE)
                )
                answers.append(group[-1].pk)
            if any(row.timestamp >= LIMIT or row.status == Status.STREAMING for row in group):
                self.kept |= {row.pk for row in group}
        self._choose(shown)
        times = {pk: row.timestamp for pk, row in self.rows.items()}
        Message.objects.bulk_create(self.rows.values())
        for pk, row in self.rows.items():  # it was set to now
            row.timestamp = times[pk]
        Message.objects.bulk_update(self.rows.values(), ["timestamp"])
        self.path = self.shown()

    def _add(self, parent: UUID | None, sender: str, age: int, status: str = Status.COMPLETE) -> Message:
        row = Message(
            session=self.session,
            parent_id=parent,
            position=len(self.rows) * 2,
            sender_type=sender,
            status=status,
            content=f"{len(self.rows)}",
        )
        row.timestamp = NOW - timedelta(days=age)
        self.rows[row.pk] = row
        return row

    def _choose(self, shown: Sequence[int]) -> None:
        groups: dict[UUID | None, list[Message]] = {}
        for row in self.rows.values():
            groups.setdefault(row.parent_id, []).append(row)
        for group, number in zip(groups.values(), cycle(shown), strict=False):
            group[number % len(group)].chosen = True

    def shown(self) -> list[UUID]:
        return [node.pk for node in tree.shown(tree.nodes_of(self.session.pk).values())]

    def above(self, pk: UUID) -> UUID | None:
        """The nearest before it that stays."""
        parent = self.rows[pk].parent_id
        return parent if parent is None or parent in self.kept else self.above(parent)

    def check_order(self) -> None:
        """What holds at any moment."""
        left = {row.pk: row for row in Message.objects.filter(session=self.session)}
        assert left.keys() >= self.kept
        groups: dict[UUID | None, list[bool]] = {}
        for pk, row in left.items():
            groups.setdefault(row.parent_id, []).append(row.chosen)
            assert row.parent_id is None or row.parent_id in left
            if row.sender_type == Sender.BOT:
                assert row.parent_id == self.rows[pk].parent_id  # its own question
            told = ("position", "content", "timestamp", "status")
            assert [getattr(row, name) for name in told] == [getattr(self.rows[pk], name) for name in told]
        assert all(sum(chosen) == 1 for chosen in groups.values())
        kept = [pk for pk in self.path if pk in self.kept]
        assert [pk for pk in self.shown() if pk in kept] == kept

    def check_purged(self) -> None:
        self.check_order()
        left = {row.pk: row.parent_id for row in Message.objects.filter(session=self.session)}
        assert left.keys() == self.kept
        assert left == {pk: self.above(pk) for pk in self.kept}
        assert bool(self.shown()) == bool(self.kept)
        owner = self.session.visitor or self.session
        assert type(owner).objects.filter(pk=owner.pk).exists() == bool(self.kept)


def purge(stopped: Callable[[], bool] = lambda: False) -> Purged:
    """In pieces of few messages."""
    return conversations_purge(limits=LIMITS, pace=Pace(stopped, least=1, most=4))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(TREES.filter(bool), min_size=1, max_size=3),
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
    st.integers(0, 6),
)
def test_old_exchanges_go_and_the_rest_closes_over_the_gap(
    user: User, trees: list[list[Exchange]], shown: list[int], pieces: int
) -> None:
    with transaction.atomic():
        owners: list[User | Visitor] = [user, Visitor.objects.create(), user]
        grown = [Grown(each, owner=owner, shown=shown) for each, owner in zip(trees, owners, strict=False)]
        counted = conversations_count(limits=LIMITS)
        done = count()
        first = purge(lambda: next(done) >= pieces)
        for conversation in grown:
            conversation.check_order()
        second = purge()
        for conversation in grown:
            conversation.check_purged()
        assert counted == Purged(
            first.messages + second.messages,
            first.conversations + second.conversations,
            first.visitors + second.visitors,
        )
        assert counted.messages == sum(len(each.rows) - len(each.kept) for each in grown)
        assert purge() == conversations_count(limits=LIMITS) == Purged()
        transaction.set_rollback(True)
