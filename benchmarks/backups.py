"""What backups cost, and that they can be trusted:

    python -m benchmarks.backups scale [--messages N] [--vectors N]
    python -m benchmarks.backups load path/to/dataset [--backups N]
    python -m benchmarks.backups faults [--faults N]

Installations are made in folders that are thrown away, with SQLite, and with the PostgreSQL database that DATABASE_URL
names: everything in it is lost. ``scale`` backs up and restores many rows, beside what the databases bring along.
``load`` backs up while others write, and compares what is restored on both kinds. ``faults`` damages archives.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_REAL = Path(os.environ.get("DATA_DIR") or Path(__file__).parent.parent / "var")
_PASSPHRASE = "correct horse battery staple"  # noqa: S105


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["scale", "load", "faults", *_STEPS])
    parser.add_argument("dataset", type=Path, nargs="?")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--backups", type=int, default=5)
    parser.add_argument("--faults", type=int, default=200, help="Of each archive, plain and encrypted.")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.what in _STEPS:
        import django

        django.setup()
        return _STEPS[options.what](options)
    with tempfile.TemporaryDirectory(prefix="backups-") as home:
        {"scale": _scale, "load": _load, "faults": _faults}[options.what](options, Path(home))
    return None


class Place:
    """An installation in a folder."""

    def __init__(self, home: Path, kind: str, backups: Path) -> None:
        self.home, self.kind = home / kind, kind
        self.home.mkdir()
        self.took = ""
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(self.home),
            "MODEL_DIR": os.environ.get("MODEL_DIR", str(_REAL / "models")),
            "BACKUP_DIR": str(backups),
            "SECRET_KEY": "a key of benchmarks, the same in all places",
            "LOG_LEVEL": "ERROR",
            "QUARANTINE": "False",
            "OMP_NUM_THREADS": "1",
        }
        if kind == "postgresql":
            self.environment["DATABASE_URL"] = os.environ["DATABASE_URL"]

    def run(self, *command: str, **more: str) -> str:
        """What the command prints; what it took is in :attr:`took`."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
            started = time.perf_counter()
            process = subprocess.Popen(command, env=self.environment | more, stdout=out, stderr=complaints)  # noqa: S603
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = used.ru_utime + used.ru_stime
            self.took = (
                f"{time.perf_counter() - started:7.1f} s {cpu:7.1f} s of processor {used.ru_maxrss >> 10:5} MiB at most"
            )
            complaints.seek(0)
            if process.returncode:
                raise SystemExit(f"{' '.join(command)}: {complaints.read()[-2000:]}")
            out.seek(0)
            return out.read()

    def manage(self, *command: str, **more: str) -> str:
        return self.run(sys.executable, "manage.py", *command, **more)

    def step(self, name: str, *arguments: object, **more: str) -> Any:
        return json.loads(self.run(sys.executable, "-m", __spec__.name, name, *map(str, arguments), **more) or "null")


def _say(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")
    sys.stdout.flush()


# Many rows


def _scale(options: argparse.Namespace, home: Path) -> None:
    backups = home / "backups"
    lite, post = Place(home, "sqlite", backups), Place(home, "postgresql", backups)
    lite.manage("migrate", "-v0")
    rows = lite.step("fill", "--messages", options.messages, "--vectors", options.vectors)
    _say(f"{rows} rows; SQLite has {(lite.home / 'db.sqlite3').stat().st_size >> 20} MiB")
    steps: list[tuple[str, Place, tuple[str, ...], dict[str, str]]] = [
        ("SQLite: backup, read back", lite, ("backup",), {}),
        ("verify_backup", lite, ("verify_backup",), {}),
        ("restored on PostgreSQL, read back", post, ("restore", "--overwrite"), {}),
        ("PostgreSQL: backup, read back", post, ("backup",), {}),
        ("restored on PostgreSQL again", post, ("restore", "--overwrite"), {}),
        ("restored on SQLite", lite, ("restore", "--overwrite"), {}),
        ("SQLite: backup, encrypted, read back", lite, ("backup",), {"BACKUP_PASSPHRASE": _PASSPHRASE}),
    ]
    for what, place, command, more in steps:
        told = place.manage(*command, **more)
        _say(f"{what:38} {place.took}  {told.splitlines()[0]}")
    own, url = str(home / "own"), post.environment["DATABASE_URL"]
    for what, place, command in (
        ("SQLite's own .backup", lite, ("sqlite3", str(lite.home / "db.sqlite3"), f".backup {own}.sqlite3")),
        ("pg_dump -Fc -Z3", post, ("pg_dump", "-Fc", "-Z3", "-f", own, url)),
        ("pg_restore --clean", post, ("pg_restore", "--clean", "-d", url, own)),
    ):
        place.run(*command)
        _say(f"{what:38} {place.took}")
    _say(f"pg_dump: {Path(own).stat().st_size} bytes")


def _step_fill(options: argparse.Namespace) -> None:
    from django.db import connection
    from django.utils import timezone

    from chat.models import Message, Sender, Session
    from rag.models import Space, Vector
    from rag.vectors import vector_checksum
    from users.models import User

    chance = random.Random(options.seed)  # noqa: S311
    words = [word for page in Path("documents/library/guide").glob("*.md") for word in page.read_text().split()]
    user = User.objects.create_user("benchmark")
    text = [" ".join(chance.choices(words, k=60)) for _ in range(2000)]
    for start in range(0, options.messages, 10_000):
        session = Session.objects.create(user=user, title=f"Session {start}")
        messages = [
            Message(
                session=session,
                position=number,
                sender_type=Sender.BOT if number % 2 else Sender.USER,
                content=f"{start + number} {chance.choice(text)}",
                timestamp=timezone.now(),
                metadata={"confidence": chance.random(), "sources": [number, "ä"]},
            )
            for number in range(min(10_000, options.messages - start))
        ]
        Message.objects.bulk_create(messages, batch_size=1000)
    space = Space.objects.create(name="benchmark", dimensions=1024)
    for start in range(0, options.vectors, 5_000):
        made = [(chance.randbytes(32), chance.randbytes(2048)) for _ in range(min(5_000, options.vectors - start))]
        Vector.objects.bulk_create(
            [Vector(space=space, text_hash=key, data=data, checksum=vector_checksum(key, data)) for key, data in made],
            batch_size=200,
        )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)" if connection.vendor == "sqlite" else "SELECT 1")
    _say(Message.objects.count() + Vector.objects.count())


# Written to meanwhile


def _load(options: argparse.Namespace, home: Path) -> None:
    """Each backup is restored on both kinds, and each of these backed up again: all have the same rows."""
    backups = home / "backups"
    for kind in ("sqlite", "postgresql"):
        source = Place(home, kind, backups)
        source.manage("migrate", "-v0") if kind == "sqlite" else source.run(
            "psql", "-qc", "DROP SCHEMA public CASCADE; CREATE SCHEMA public", source.environment["DATABASE_URL"]
        )
        source.manage("migrate", "-v0")
        _say(f"{kind}: written to by three processes")
        writers = [_started(source, name, options) for name in ("talk", "talk", "index")]
        for _ in range(options.backups):
            time.sleep(3)
            told = source.manage("backup")
            _say(told.strip())
        for writer in writers:
            writer.terminate()
            _say(writer.communicate()[0].strip() or f"a writer ended with {writer.returncode}")
        for number, archive in enumerate(sorted(backups.iterdir())):
            _compare(options, home / f"{kind}-{number}", archive)
        shutil.rmtree(backups)


def _started(place: Place, step: str, options: argparse.Namespace) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", __spec__.name, step, str(options.dataset), "--seed", str(random.randrange(10**6))]  # noqa: S311
    return subprocess.Popen(command, env=place.environment, stdout=subprocess.PIPE, text=True)  # noqa: S603


def _compare(options: argparse.Namespace, home: Path, archive: Path) -> None:
    home.mkdir()
    found = []
    for kind in ("sqlite", "postgresql"):
        place = Place(home, kind, home / f"{kind}-again")
        place.manage("restore", str(archive), "--overwrite")
        found.append(place.step("ask", options.dataset))
    lite, post = found
    found_some = sum(map(bool, lite["hits"]))
    _say(
        f"{archive.name}: {len(lite['tables'])} tables, {sum(t[0] for t in lite['tables'].values())} rows, "
        f"{lite['files']} files, torn {lite['torn']}; both kinds the same: "
        f"tables {lite['tables'] == post['tables']}, files {lite['files'] == post['files']}, "
        f"answers to {len(lite['hits'])} questions {lite['hits'] == post['hits']} ({found_some} found)"
    )
    shutil.rmtree(home)


def _until_told() -> Iterator[int]:
    import itertools
    import signal

    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    yield from itertools.takewhile(lambda _: not ended, itertools.count())


def _step_talk(options: argparse.Namespace) -> None:
    """Sessions of six messages, each session in one transaction."""
    from django.db import transaction

    from chat.models import Message, Sender, Session
    from users.audit import audit_record
    from users.models import User

    user = User.objects.get_or_create(username="talker")[0]
    count = 0
    for count in _until_told():
        with transaction.atomic():
            session = Session.objects.create(user=user, title=str(count))
            for position in range(6):
                sender = Sender.BOT if position % 2 else Sender.USER
                Message.objects.create(session=session, position=position, sender_type=sender, content="ä" * 500)
            audit_record(actor=user, action="session.talk", object_type="session", object_id=str(session.pk))
        time.sleep(0.005)
    _say(f"{count} sessions of six messages")


def _step_index(options: argparse.Namespace) -> None:
    """Documents handed in, indexed, and now and then one deleted with its file."""
    import gzip

    from documents.models import Document
    from documents.publishing import document_delete
    from documents.services import Submission, collection_default, documents_submit
    from rag.indexing import index_pending

    with gzip.open(options.dataset / "corpus.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for _, line in zip(range(4000), lines, strict=False)]
    collection = collection_default()
    deleted = count = 0
    for count in _until_told():
        some = rows[count * 20 % len(rows) :][:20]
        documents_submit(
            submissions=[Submission(row["text"].encode(), f"{row['_id']}.txt", row["_id"]) for row in some],
            collection=collection,
        )
        while index_pending(worker="benchmark:1:a"):
            pass
        for document in Document.objects.order_by("?")[:3]:
            document_delete(document=document)
            deleted += 1
    _say(f"{count * 20} documents handed in and indexed, {deleted} deleted")


def _step_ask(options: argparse.Namespace) -> None:
    """What is in this installation, by checksum, and what its indexes answer."""
    import gzip

    from django.db import connection
    from django.db.models import Count

    from background_tasks.backups.tables import Tally, applied_migrations, lines_of, tables_at
    from chat.models import Session
    from documents.models import Collection, Version
    from rag.retrieval import Scope, search
    from users.audit_verifying import audit_verify

    # What a restore itself writes differs each time.
    own = {"documents_revision", "users_auditentry", "users_audithead"}
    tables = {}
    for name, columns in tables_at(applied_migrations(connection)).items():
        tally = Tally()
        for line in lines_of(connection, name, columns) if name not in own else ():
            tally.add(line)
        tables[name] = (tally.rows, tally.checksum)
    with gzip.open(options.dataset / "queries.jsonl.gz", "rt") as lines:
        questions = [json.loads(line)["text"] for _, line in zip(range(100), lines, strict=False)]
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    hits = [[(hit.chunk.pk, round(hit.score, 6)) for hit in _hits(search, question, scope)] for question in questions]
    torn = Session.objects.annotate(size=Count("messages")).exclude(size=6).count()
    torn += sum(not version.file.storage.exists(str(version.file)) for version in Version.objects.defer("text"))
    torn += bool(audit_verify().fault)
    files = sum(1 for path in Path(os.environ["DATA_DIR"]).glob("files/versions/*/*"))
    _say(json.dumps({"tables": tables, "hits": hits, "torn": torn, "files": files}))


def _hits(search: Any, question: str, scope: Any) -> Any:
    return search(query=question, scope=scope, top_k=10).hits


# Damaged


def _faults(options: argparse.Namespace, home: Path) -> None:
    place = Place(home, "sqlite", home / "backups")
    place.manage("migrate", "-v0")
    place.manage("populate_documents")
    place.manage("backup")
    archive = next((home / "backups").iterdir())
    for kind, passphrase in (("plain", ""), ("encrypted", _PASSPHRASE)):
        more = {"BACKUP_PASSPHRASE": passphrase} if passphrase else {}
        told = place.step("damage", archive, "--faults", options.faults, "--seed", options.seed, **more)
        _say(f"{kind}, {archive.stat().st_size} bytes: {told}")


def _step_damage(options: argparse.Namespace) -> None:
    """Single bits turned and ends cut off at random places, and each of the last 600 bytes; all must be refused."""
    from django.conf import settings
    from django.db import connection

    from background_tasks.backups.checking import backup_verify
    from background_tasks.backups.restoring import backup_restore
    from background_tasks.backups.sealing import sealed
    from background_tasks.backups.tables import Tally, applied_migrations, lines_of, tables_at
    from utils.errors import GroundedError

    def state() -> list[object]:
        tally = Tally()
        for name, columns in tables_at(applied_migrations(connection)).items():
            for line in lines_of(connection, name, columns):
                tally.add(name.encode() + line)
        return [tally.checksum, sorted(Path(settings.MEDIA_ROOT).rglob("*"))]

    settings.BACKUPS["SCRYPT_COST"] = 10  # a key is made for every fault
    data, chance = options.dataset.read_bytes(), random.Random(options.seed)  # noqa: S311
    if passphrase := settings.BACKUPS["PASSPHRASE"]:
        data = b"".join(sealed([data], passphrase))
    before, damaged = state(), options.dataset.with_name("damaged")
    counts = {"bits": 0, "cuts": 0, "taken for whole": 0, "restored": 0}
    places = [("bits", chance.randrange(len(data) * 8)) for _ in range(options.faults)]
    places += [("cuts", chance.randrange(len(data))) for _ in range(options.faults)]
    places += [("bits", place) for place in (*range(128), *range(len(data) * 8 - 512, len(data) * 8))]
    places += [("cuts", len(data) - count) for count in range(1, 65)]
    for kind, place in places:
        changed = bytearray(data) if kind == "bits" else data[:place]
        if isinstance(changed, bytearray):
            changed[place // 8] ^= 1 << place % 8
        damaged.write_bytes(changed)
        counts[kind] += 1
        for name, use in (
            ("taken for whole", backup_verify),
            ("restored", lambda **n: backup_restore(overwrite=True, **n)),
        ):
            try:
                use(name=str(damaged))
                counts[name] += 1
            except GroundedError:
                pass
    damaged.unlink()
    _say(json.dumps({**counts, "database and files as before": before == state()}))


_STEPS = {"fill": _step_fill, "talk": _step_talk, "index": _step_index, "ask": _step_ask, "damage": _step_damage}

if __name__ == "__main__":
    main()
