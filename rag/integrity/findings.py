"""What a check finds, and the sum of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

REPORTED = 100
"""So many faults are kept one by one; the others are counted."""


class Kind(StrEnum):
    MISSING = "missing"
    """It should be there and is not."""
    ORPHANED = "orphaned"
    """It is there and should not be."""
    STALE = "stale"
    """It is that of another state: other labels, another text."""
    DUPLICATE = "duplicate"
    """It is there more than once."""
    CORRUPT = "corrupt"
    """It is not what was written."""
    UNREACHABLE = "unreachable"
    """A service did not answer, so that the check of this part did not come to its end."""


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    subject: str
    """A chunk's id, a file's name, the hash of a text."""
    detail: str = ""


@dataclass(slots=True)
class Tally:
    checked: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    report: list[Mapping[str, str | bool]] = field(default_factory=list)

    def add(self, finding: Finding, *, repaired: bool) -> None:
        self.counts[finding.kind.value] += 1
        self.repaired += repaired
        if len(self.report) < REPORTED:
            self.report.append(
                {"kind": finding.kind, "subject": finding.subject, "detail": finding.detail, "repaired": repaired}
            )

    @property
    def faults(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        return self.faults - self.repaired
