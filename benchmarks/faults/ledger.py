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

    rows: tuple[str, ...]
    """The faults that were on meanwhile, or had just been, in their order. None: between faults."""
    action: str
    status: int
    """0: no answer, since the connection failed."""
    code: str
    seconds: float


@dataclass
class Ledger:
    path: Path
    rows: list[str] = field(default_factory=lambda: [""])
    """The faults so far; empty between them."""
    kept: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    """Kind → key → what was acknowledged last."""
    seen: list[Seen] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, kind: str, key: str, value: Any = True) -> None:
        with self._lock:
            self.kept[kind][key] = value
            self._write(kind, key, value)

    def saw(self, action: str, status: int, code: str, seconds: float, since: int) -> None:
        """``since``: how many rows there were when it was asked."""
        with self._lock:
            rows = tuple(dict.fromkeys(row for row in self.rows[since - 1 :] if row))
            self.seen.append(Seen(rows, action, status, code, seconds))
            if not status:
                self._write("broken", action, [code, round(seconds, 2), *rows])

    def _write(self, *what: Any) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps([time.time(), *what]) + "\n")

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {kind: len(rows) for kind, rows in sorted(self.kept.items())}
