"""What the product has told its users, kept outside of it: each line was acknowledged to a client."""

import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer that a user got, or did not."""

    row: str
    """The fault that was on, or had just been; empty between faults."""
    lifted: bool
    """Whether the fault had ended by then."""
    action: str
    status: int
    """0: no answer, since the connection failed."""
    code: str
    seconds: float


@dataclass
class Ledger:
    path: Path
    row: str = ""
    lifted: bool = True
    kept: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    """Kind → key → what was acknowledged last."""
    seen: list[Seen] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, kind: str, key: str, value: Any = True) -> None:
        with self._lock:
            self.kept[kind][key] = value
            with self.path.open("a") as file:
                file.write(json.dumps([time.time(), kind, key, value]) + "\n")

    def saw(self, action: str, status: int, code: str, seconds: float, row: str, lifted: bool) -> None:
        with self._lock:
            self.seen.append(Seen(row, lifted, action, status, code, seconds))

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {kind: len(rows) for kind, rows in sorted(self.kept.items())}
