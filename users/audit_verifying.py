"""Whether the audit trail is whole: nothing changed, put in, taken out or cut off."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from users import audit_chain, audit_guard
from users.audit_chain import BEGINNING
from users.models import AuditEntry, AuditHead


@dataclass(frozen=True, slots=True)
class Verdict:
    entries: int
    checkpoint: str
    """Number and hash of the last entry: kept elsewhere, it shows later that the trail up to it is still this one."""
    entry: int | None
    """The first one at fault, if it is one."""
    fault: str
    """Empty: the trail is whole."""


@transaction.atomic
def audit_verify(*, expected: str = "") -> Verdict:
    """Look through the whole trail; ``expected`` is a checkpoint of before that it must still hold."""
    walk = _Walk(expected)
    # The head first: what is appended meanwhile comes after it.
    head = AuditHead.objects.filter(pk=1).first()
    last = head.number if head else 0
    for entry in AuditEntry.objects.filter(pk__lte=last).order_by("id").iterator():
        if fault := walk.step(entry):
            return Verdict(walk.number, walk.checkpoint, entry.pk, fault)
    fault = next(walk.ending(head), "")
    return Verdict(walk.number, walk.checkpoint, None, fault)


class _Walk:
    """Along the chain, from the first entry."""

    def __init__(self, expected: str) -> None:
        self.number = 0
        self.hash = BEGINNING
        self._expected = expected
        self._met = not expected
        self._blanked: dict[UUID, list[str]] = defaultdict(list)
        self._accounted: dict[str, tuple[object, object]] = {}

    @property
    def checkpoint(self) -> str:
        return f"{self.number}:{self.hash}"

    def step(self, entry: AuditEntry) -> str:
        """What is wrong with the next entry, if anything is."""
        if entry.pk != self.number + 1:
            return f"{entry.pk - self.number - 1} before it are missing."
        if entry.hash != audit_chain.hash_of(entry, self.hash):
            return "It was changed, or AUDIT_KEY is not the key that it was written with."
        if fault := self._part(entry, "actor", audit_chain.actor_digest) or self._part(
            entry, "object", audit_chain.object_digest
        ):
            return fault
        self.number, self.hash = entry.pk, entry.hash
        self._met |= self.checkpoint == self._expected
        if "blanked" in entry.detail:
            self._accounted[entry.object_id] = (entry.detail["blanked"], entry.detail.get("digest"))
        return ""

    def _part(self, entry: AuditEntry, part: str, digest: Callable[[AuditEntry], str]) -> str:
        removal: UUID | None = getattr(entry, f"{part}_removal")
        if getattr(entry, f"{part}_salt"):
            same = digest(entry) == getattr(entry, f"{part}_digest")
            return "" if same and removal is None else f"Its {part} was changed."
        if removal is None:
            return f"Its {part} was blanked without a reason."
        self._blanked[removal].append(f"{part}:{entry.pk}")
        return ""

    def ending(self, head: AuditHead | None) -> Iterator[str]:
        """What is wrong with the trail as a whole."""
        for removal, parts in self._blanked.items():
            if self._accounted.get(str(removal)) != (len(parts), audit_chain.digest_of_parts(parts)):
                numbers = ", ".join(part.split(":")[1] for part in parts[:5])
                yield f"Nothing accounts for what was blanked in entries ({numbers})."
        if head is not None and (head.number, head.hash) != (self.number, self.hash):
            yield f"Entries are missing at the end: {head.number} were written, {self.number} are there."
        if head is not None and head.number and head.seal != audit_chain.seal_of(head.number, head.hash):
            yield "The note of the last entry was changed: entries may have been cut off."
        if AuditEntry.objects.filter(pk__gt=_noted()).exists():
            yield "There are entries after the last one that was noted."
        if not self._met:
            yield "The checkpoint that was expected is not in it: entries were cut off, or it is another trail."
        if missing := audit_guard.missing():
            yield f"The database does not guard it: {', '.join(missing)} is missing. `manage.py migrate` lays it again."


def _noted() -> int:
    """The number of the last entry, by now."""
    head = AuditHead.objects.filter(pk=1).first()
    return head.number if head else 0
