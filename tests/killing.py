"""Workers that are killed where a test wants it.

:class:`Workshop` is a process that has the product loaded and forks a worker for each order, which saves the second
that a fresh start takes. A worker counts its doings (statements sent to the database; files opened, renamed and
removed; connections made) from the moment a stage begins, and kills itself with SIGKILL at the one it was told, or a
few milliseconds later, in the midst of whatever comes next.
"""

import io
import json
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import connection

STAGES = ("queued", "loading", "splitting", "embedding", "publishing", "published")
"""As the states of a version; in the last one the indexes follow."""
_DOINGS = {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "fcntl.flock", "socket.connect", "os.listdir"}


@dataclass(frozen=True, slots=True)
class Kill:
    """At the ``doing``-th thing that is done in a stage, and ``delay`` seconds later if that is not 0."""

    stage: str
    doing: int
    delay: float = 0.0


class Forking:
    """A process that has the product loaded and forks one that ends for each order. Use as a context manager.

    It works on the test's own database and with its settings, and runs ``module``, which calls :func:`settle` first.
    """

    def __init__(self, module: str, **more: Any) -> None:
        """``more``: other settings that the test has changed."""
        rag = {**settings.RAG, "INDEX_DIR": str(settings.RAG["INDEX_DIR"]), "MODEL_DIR": str(settings.RAG["MODEL_DIR"])}
        config = {
            "database": str(connection.settings_dict["NAME"]),
            "data": str(settings.DATA_DIR),
            "media": str(settings.MEDIA_ROOT),
            "rag": rag,
            "backups": {**settings.BACKUPS, "DIR": str(settings.BACKUPS["DIR"])},
            "more": more,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(config)],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(self, order: str) -> str:
        """Give an order of one line. Returns the line that is answered."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        answer: str = self._process.stdout.readline().strip()
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def settle() -> None:
    """In the process of a :class:`Forking`: take on the settings of the test, and set Django up."""
    import django

    config = json.loads(sys.argv[1])
    settings.DATABASES["default"]["NAME"] = config["database"]
    settings.DATA_DIR = config["data"]
    settings.MEDIA_ROOT = config["media"]
    settings.BACKUPS = config["backups"]
    settings.RAG = {
        **config["rag"],
        "INDEX_DIR": Path(config["rag"]["INDEX_DIR"]),
        "MODEL_DIR": Path(config["rag"]["MODEL_DIR"]),
    }
    for name, value in config["more"].items():
        setattr(settings, name, value)
    django.setup()


class Workshop(Forking):
    """Forks a worker for each order."""

    def __init__(self) -> None:
        super().__init__("tests.killing")

    def work(self, kill: Kill | None = None) -> bool:
        """Have a worker do whatever is pending. Returns whether it was killed."""
        return self._order({"do": "work"}, kill)

    def publish(self, source_uri: str, number: int, kill: Kill | None = None) -> bool:
        """Have a version of a document published, as an editor would."""
        return self._order({"do": "publish", "source_uri": source_uri, "number": number}, kill)

    def delete(self, source_uri: str, kill: Kill | None = None) -> bool:
        """Have a document deleted, if it is still there."""
        return self._order({"do": "delete", "source_uri": source_uri}, kill)

    def command(self, name: str, kill: Kill | None = None, **options: Any) -> bool:
        """Run a management command. It has but one stage, the first."""
        return self._order({"do": "command", "name": name, "options": options}, kill)

    def _order(self, order: dict[str, Any], kill: Kill | None) -> bool:
        status = json.loads(self.told(json.dumps({**order, "kill": kill and asdict(kill)})))
        assert status in (0, -signal.SIGKILL, -signal.SIGALRM), f"The worker ended with {status}."
        return bool(status)


class _Doings:
    """Counts what this process does, and ends it at the right moment."""

    def __init__(self, kill: Kill) -> None:
        self._kill = kill
        self._stage = STAGES[0]
        self._count = 0

    def watch(self) -> None:
        sys.addaudithook(self._on_event)
        connection.execute_wrappers.append(self._on_statement)

    def _on_event(self, event: str, _: Any) -> None:
        if event in _DOINGS:
            self._did()

    def _on_statement(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        self._did()
        result = execute(sql, parameters, many, context)
        if "documents_version" in sql and not sql.startswith("SELECT") and parameters:
            told = [value for value in parameters if value in STAGES]
            if told and told[0] != self._stage:
                self._stage, self._count = told[0], 0
        self._did()
        return result

    def _did(self) -> None:
        if self._stage != self._kill.stage:
            return
        self._count += 1
        if self._count == self._kill.doing:
            if self._kill.delay:
                signal.setitimer(signal.ITIMER_REAL, self._kill.delay)  # nobody handles it: it ends the process
            else:
                os.kill(os.getpid(), signal.SIGKILL)


def _serve() -> None:
    """One line of JSON for each order; answers with the exit code of the worker, below 0 if a signal ended it."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _do(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _do(order: dict[str, Any]) -> None:
    code = 1
    try:
        if order["kill"]:
            _Doings(Kill(**order["kill"])).watch()
        _ORDERS[order["do"]](order)
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)


def _load() -> dict[str, Any]:
    import gc

    settle()

    # All of it here, so that no worker has to.
    import mistralai.client
    from django.core.management import call_command

    from background_tasks.management.commands import backup, restore  # noqa: F401
    from documents import publishing
    from documents.models import Document, Version
    from documents.screening.matching import rules_for
    from rag.embedders import mistral  # noqa: F401
    from rag.gate import QuestionGate  # noqa: F401
    from rag.management.commands import run_worker  # noqa: F401
    from rag.stores import faiss, pinecone  # noqa: F401
    from users.models import User

    _ = mistralai.client.Mistral(api_key="none").embeddings  # what it loads only then
    rules_for(0)  # compiles them all
    gc.freeze()  # workers need no copy of what only a collection would touch

    def work(_: dict[str, Any]) -> None:
        call_command("run_worker", once=True)

    def publish(order: dict[str, Any]) -> None:
        version = Version.objects.get(document__source_uri=order["source_uri"], number=order["number"])
        publishing.version_publish(version=version, author=User.objects.get())

    def delete(order: dict[str, Any]) -> None:
        for document in Document.objects.filter(source_uri=order["source_uri"]):
            publishing.document_delete(document=document)

    def command(order: dict[str, Any]) -> None:
        call_command(order["name"], stdout=io.StringIO(), **order["options"])

    return {"work": work, "publish": publish, "delete": delete, "command": command}


if __name__ == "__main__":
    _ORDERS = _load()
    _serve()
