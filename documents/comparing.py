"""What one version changes of another."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from documents.models import Version

_LONGEST = 40_000
"""Lines, in both versions together, beyond which unchanged stretches are looked for more coarsely."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines that were kept, taken out or put in."""

    kind: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    before: Version | None
    after: Version
    stretches: Sequence[Stretch]
    added: int
    """Lines put in."""
    removed: int
    """Lines taken out."""


def compare(*, before: Version | None, after: Version) -> Comparison:
    """``before`` is None where the document has nothing to compare with: everything is added then."""
    old, new = (before.text.split("\n") if before and before.text else []), after.text.split("\n")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > _LONGEST)
    stretches: list[Stretch] = []
    added = removed = 0
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            stretches.append(Stretch("same", "\n".join(old[old_start:old_end])))
            continue
        if old_end > old_start:
            stretches.append(Stretch("removed", "\n".join(old[old_start:old_end])))
        if new_end > new_start:
            stretches.append(Stretch("added", "\n".join(new[new_start:new_end])))
        removed += old_end - old_start
        added += new_end - new_start
    return Comparison(before, after, stretches, added, removed)
