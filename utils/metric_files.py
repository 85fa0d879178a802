"""The numbers of several processes of a machine, which any of them can tell together.

Each process writes its numbers to files of its own in ``METRICS_DIR`` (the mapped files of prometheus_client) and holds
a lock on a further one for as long as it lives. So whoever gets the lock knows that the process is dead, however it
ended, and whatever process has its number now. What a dead process counted is added to one file for all of them, else
sums would fall, which Prometheus takes for a start from nothing; its gauges go.

The adding is done twice without harm: what takes which files' place is written down before anything is removed.
"""

import atexit
import fcntl
import json
import logging
import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from filelock import FileLock, Timeout
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

logger = logging.getLogger(__name__)
_LOCK_SECONDS = 2.0
_SIZES = {"histogram": 1 << 20}
"""Bytes that a file has from the beginning."""
_SIZE = 1 << 16
_AROUND = 32
"""Bytes at most that a number has beside its key."""
_PLAN = "plan.json"
_PAST = "past"
"""In the place of a process in the names of files: all that are dead. Prefixes and places have no underscores."""


def _made(path: Path, size: int) -> MmapedDict:
    """A file with room on the disk: to write to a mapped one that has none is to die. Raises OSError."""
    path.write_bytes(bytes(size))
    return MmapedDict(str(path))


def _put(file: MmapedDict, key: str, value: float) -> None:
    """Raises OSError where the file has to grow and there is no room."""
    if key not in file._positions and file._used + len(key.encode()) + _AROUND > file._capacity:
        with open(file._fname, "ab") as end:
            end.write(bytes(file._capacity))
    file.write_value(key, value, 0.0)


class _Process:
    """This process in the folder. Made when something is counted first; after a fork, once more."""

    def __init__(self, folder: Path, role: str) -> None:
        self.pid = os.getpid()
        self.folder = folder
        self.name = uuid.uuid4().hex
        self.files: dict[str, MmapedDict] = {}
        folder.mkdir(parents=True, exist_ok=True)
        with _kept_still(folder):
            self._alive = (folder / f"{self.name}.{role}.process").open("w")
            fcntl.flock(self._alive, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def file(self, prefix: str) -> MmapedDict:
        if prefix not in self.files:
            self.files[prefix] = _made(self.folder / f"{prefix}_{self.name}.db", _SIZES.get(prefix, _SIZE))
        return self.files[prefix]

    def close(self) -> None:
        """What it counted is now a dead process's; after a fork the parent goes on with its own."""
        for file in self.files.values():
            file.close()
        self._alive.close()


_process: _Process | None = None
_values: "list[SharedValue]" = []
_lock = threading.RLock()
_role = "other"
_given_up = False


def process_register(role: str) -> None:
    """Have this process counted as a living one of this role, whether or not it counts anything itself."""
    global _role
    with _lock:
        if role != _role and _process:
            _leave()
        _role = role
        _current()


def _leave() -> None:
    global _process
    if _process:
        for value in _values:
            value.begin(None)
        _process.close()
    _process = None


@atexit.register
def _end() -> None:
    global _given_up
    with _lock:
        _leave()
        _given_up = True


def _current() -> _Process | None:
    """None where the folder cannot be written: numbers are then this process's own, and nobody sees them."""
    global _process
    folder = settings.METRICS_DIR
    if _given_up or (_process and _process.pid == os.getpid() and _process.folder == folder):
        return _process
    _leave()
    try:
        _process = _Process(folder, _role)
        for value in _values:
            value.begin(_process)
    except (OSError, Timeout) as error:
        _give_up(error)
    return _process


def _give_up(error: Exception) -> None:
    global _given_up
    _leave()
    _given_up = True
    logger.warning("Nothing is measured: %s cannot be written (%s).", settings.METRICS_DIR, type(error).__name__)


class SharedValue:
    """A number of a metric, in the place of prometheus_client's own classes (its values.py)."""

    _multiprocess: ClassVar[bool] = True

    def __init__(
        self,
        typ: str,
        metric_name: str,
        name: str,
        labelnames: list[str],
        labelvalues: list[str],
        help_text: str,
        multiprocess_mode: str = "",
        **_: Any,
    ) -> None:
        self._prefix = f"{typ}_{multiprocess_mode}" if multiprocess_mode else typ
        self._key = mmap_key(metric_name, name, labelnames, labelvalues, help_text)
        self._file: MmapedDict | None = None
        self._value = 0.0
        with _lock:
            _values.append(self)
            process = _current()
            if process and not self._file:
                try:
                    self.begin(process)
                except OSError as error:
                    _give_up(error)

    def begin(self, process: _Process | None) -> None:
        """Count from nothing, for this process. Buckets of histograms are told though nothing fell into them."""
        self._value = 0.0
        self._file = process.file(self._prefix) if process else None
        self._write()

    def inc(self, amount: float) -> None:
        with _lock:
            _current()
            self._value += amount
            self._write()

    def set(self, value: float, timestamp: float | None = None) -> None:
        with _lock:
            _current()
            self._value = value
            self._write()

    def get(self) -> float:
        return self._value

    def set_exemplar(self, exemplar: Any) -> None:
        """There is no place for one in the files."""

    def get_exemplar(self) -> None:
        return None

    def _write(self) -> None:
        if self._file is not None:
            try:
                _put(self._file, self._key, self._value)
            except OSError as error:  # it had to grow
                _give_up(error)


def collected(folder: Path) -> tuple[list[Metric], dict[str, int]]:
    """The metrics of all processes together, and how many processes of each role live.

    Raises filelock.Timeout where another process holds the folder for too long.
    """
    if not folder.is_dir():
        return [], {}
    with _kept_still(folder):
        roles: dict[str, int] = {}
        for mark in folder.glob("*.process"):
            role = mark.name.split(".")[1]
            roles[role] = roles.get(role, 0) + 1
        files = [str(path) for path in folder.glob("*_*.db") if path.stat().st_size]
        return list(MultiProcessCollector.merge(files)), roles


@contextmanager
def _kept_still(folder: Path) -> Iterator[None]:
    """Nobody comes or goes within, and the dead are gone."""
    with FileLock(folder / "lock", timeout=_LOCK_SECONDS, poll_interval=0.005):
        _carry_out(folder)
        if dead := [mark for mark in folder.glob("*.process") if not _lives(mark)]:
            with suppress(OSError):  # there is no room: they are told as they are, and added another time
                _merge(folder, [mark.name.split(".")[0] for mark in dead])
                for mark in dead:
                    mark.unlink()
        yield


def _lives(mark: Path) -> bool:
    with mark.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _merge(folder: Path, dead: Sequence[str]) -> None:
    """Add up what the dead have counted."""
    found = [path for name in dead for path in folder.glob(f"*_{name}.db")]
    replaced: dict[str, list[str]] = {}
    for typ in ("counter", "histogram"):
        files = [path for path in found if path.name.startswith(f"{typ}_")]
        if not files:
            continue
        past = folder / f"{typ}_{_PAST}.db"
        _add_up([*files, past] if past.exists() else files, past.with_suffix(".new"))
        replaced[past.name] = [path.name for path in files]
    gone = [path.name for path in found if path.name.startswith("gauge_")]
    plan = folder / _PLAN
    plan.with_suffix(".new").write_text(json.dumps({"replaced": replaced, "gone": gone}))
    plan.with_suffix(".new").replace(plan)
    _carry_out(folder)


def _carry_out(folder: Path) -> None:
    """Do what was planned, as far as whoever planned it has not done it yet."""
    plan = folder / _PLAN
    if not plan.exists():
        return
    try:
        planned = json.loads(plan.read_text())
    except ValueError:  # the machine went down before it was on the disk
        planned = {"replaced": {}, "gone": []}
    for name, files in planned["replaced"].items():
        new = (folder / name).with_suffix(".new")
        if new.exists():
            new.replace(folder / name)
        for file in files:
            (folder / file).unlink(missing_ok=True)
    for file in planned["gone"]:
        (folder / file).unlink(missing_ok=True)
    plan.unlink()


def _add_up(files: Sequence[Path], to: Path) -> None:
    sums: dict[str, float] = {}
    for file in filter(lambda path: path.stat().st_size, files):
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
            sums[key] = sums.get(key, 0.0) + value
    written = _made(to, _SIZE)
    for key, value in sums.items():
        _put(written, key, value)
    written.close()
