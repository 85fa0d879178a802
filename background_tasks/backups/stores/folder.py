"""Archives in a folder of this machine, which may be a mounted one."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from background_tasks.backups.errors import StoreUnavailable
from background_tasks.backups.stores.base import BackupStore, Stored, is_archive_name

_PIECE = 1 << 18


class FolderStore(BackupStore):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def list(self) -> Sequence[Stored]:
        with self._translated():
            if not self._folder.exists():
                return []
            paths = [path for path in self._folder.iterdir() if is_archive_name(path.name)]
            found = [Stored(path.name, path.stat().st_size) for path in paths]
        return sorted(found, key=lambda stored: stored.name, reverse=True)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        path, rest = self._folder / name, self._folder / f".{name}.part"
        with self._translated():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(rest, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    with self._translated():
                        file.write(chunk)
                with self._translated():
                    file.flush()
                    os.fsync(file.fileno())
            with self._translated():
                rest.rename(path)
                self._sync()
        finally:
            rest.unlink(missing_ok=True)

    def read(self, name: str) -> Iterator[bytes]:
        with self._translated():
            file = (self._folder / name).open("rb")
        with file:
            while True:
                with self._translated():
                    piece = file.read(_PIECE)
                if not piece:
                    return
                yield piece

    def delete(self, name: str) -> None:
        with self._translated():
            (self._folder / name).unlink(missing_ok=True)

    def tidy(self) -> None:
        with self._translated():
            for rest in self._folder.glob(".backup-*.part"):
                rest.unlink(missing_ok=True)

    def free(self) -> int | None:
        with self._translated():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return shutil.disk_usage(self._folder).free

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(f"The backups in {self._folder} cannot be used: {error.strerror}.") from error
