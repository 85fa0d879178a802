"""Archives in a bucket of Amazon S3, or of whatever speaks its protocol."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore import exceptions
from obstore import store as stores

from background_tasks.backups.errors import BackupRefused, StoreUnavailable
from background_tasks.backups.stores.base import BackupStore, Stored, is_archive_name

_PART = 16 << 20
"""Bytes of a part of an upload. A bucket takes 10,000 of them: archives of up to 156 GiB."""
_PIECE = 1 << 20
_EXAMPLE = "s3://bucket/folder?endpoint=https://storage.example.org&region=eu-central-1"


class S3Store(BackupStore):
    """Uploads in parts, which become the archive when the last is there; memory holds two of them.

    Parts of a writer that was killed stay with the service, unseen, until a rule of the bucket removes them.
    """

    def __init__(self, bucket: str, prefix: str, *, endpoint: str, region: str, key: str, secret: str) -> None:
        self._place = f"s3://{bucket}/{prefix}".rstrip("/")
        config: stores.S3Config = {"access_key_id": key, "secret_access_key": secret, "region": region}
        if endpoint:
            config["endpoint"] = endpoint
        self._store = stores.S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": timedelta(minutes=5)},
            retry_config={"max_retries": 5, "retry_timeout": timedelta(minutes=3)},
        )

    @classmethod
    def from_url(cls, url: str, *, key: str, secret: str) -> Self:
        """Raises BackupRefused."""
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.scheme != "s3" or not parts.hostname or parts.username or options.keys() - {"endpoint", "region"}:
            raise BackupRefused(f"BACKUP_URL: write {_EXAMPLE}.")
        if not key or not secret:
            raise BackupRefused("BACKUP_URL is set: set BACKUP_S3_KEY and BACKUP_S3_SECRET, too.")
        return cls(
            parts.netloc,
            parts.path.strip("/"),
            endpoint=options.get("endpoint", ""),
            region=options.get("region", "us-east-1"),
            key=key,
            secret=secret,
        )

    def __str__(self) -> str:
        return self._place

    def list(self) -> Sequence[Stored]:
        with self._translated():
            found = [
                Stored(one["path"], one["size"])
                for some in obstore.list(self._store, chunk_size=1000)
                for one in some
                if is_archive_name(one["path"])
            ]
        return sorted(found, key=lambda stored: stored.name, reverse=True)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        raised: list[BaseException] = []

        def handed() -> Iterator[bytes]:
            try:
                yield from chunks
            except BaseException as error:
                raised.append(error)
                raise

        try:
            with self._translated():
                obstore.put(self._store, name, handed(), use_multipart=True, chunk_size=_PART, max_concurrency=2)
        except Exception as error:
            # What went wrong on our side comes back as an error of the store.
            raise raised[0] if raised else error from None

    def read(self, name: str) -> Iterator[bytes]:
        with self._translated():
            stream = obstore.get(self._store, name).stream(min_chunk_size=_PIECE)
        while True:
            with self._translated():
                piece = next(stream, None)
            if piece is None:
                return
            yield bytes(piece)

    def delete(self, name: str) -> None:
        with self._translated():
            try:
                obstore.delete(self._store, name)
            except FileNotFoundError:
                return

    def tidy(self) -> None:
        """Nothing: what a killed writer leaves is not an object."""

    def free(self) -> int | None:
        return None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise StoreUnavailable(
                f"{self._place} refuses BACKUP_S3_KEY, or does not let it do this; it needs to list, read, write and "
                "delete."
            ) from error
        except FileNotFoundError as error:
            raise StoreUnavailable(f"There is no such bucket or backup in {self._place}.") from error
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise StoreUnavailable(f"{self._place} cannot be reached, or answers with an error.") from error
