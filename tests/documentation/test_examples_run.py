"""Every example of the README and the handbook is run against the product, or stands here with why it is not."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config.env import read
from documents.models import Visibility
from documents.services import Submission, collection_default, collection_ensure, documents_submit
from documents.sources.services import source_create
from tests.deployment.page import INSTALL, UPDATE, commands
from tests.documentation.blocks import FOR_USERS, HANDBOOK, ROOT, Block, blocks
from tests.documentation.world import PASSWORD, World, home, shaped
from tests.knowledge import work
from tests.serving import Served

__all__ = ["home"]
pytestmark = pytest.mark.django_db(transaction=True)
MANAGE = ".venv/bin/python manage.py "
NOT_RUN = {
    # The beginning of a command: why it is not run here.
    "make run": "starts the product for good: tests/commands/test_serve.py runs manage.py serve, which it calls",
    "make test": "runs these very tests",
    "make check": "looks at the code, and tests/config/test_import_directions.py at the imports",
    "make docs": "writes into docs/: tests/documentation/test_drawings.py compares",
    "make fuzz": "takes minutes; .ci/run runs it",
    "make faults": "takes minutes and root",
    ".venv/bin/python -m pytest": "runs these very tests",
    ".venv/bin/pip install": "needs a package index; tests/documentation/test_what_is_named.py looks for the files",
    f"{MANAGE}run_worker": "runs until it is stopped: tests/rag/test_worker.py",
    f"{MANAGE}run_scheduler": "runs until it is stopped: tests/background_tasks/test_scheduler.py",
    f"{MANAGE}changepassword": "asks on a terminal; it is Django's own",
    f"{MANAGE}evaluate ": "takes an installation and minutes: tests/commands/test_evaluate.py",
    f"{MANAGE}evaluate_dialogues": "takes an installation and minutes: tests/commands/test_evaluate_dialogues.py",
    f"{MANAGE}spectacular": "takes seconds: tests/config/test_api_description.py",
    "python3 deploy/make_secrets.py": "writes into deploy/: tests/deployment/test_files.py",
    "cp .env.example .env": "writes into this folder; tests/deployment/test_files.py reads the example",
    "docker": "needs a container engine",
    "kubectl": "needs a cluster",
}
ON_A_MACHINE = {*commands(INSTALL), *commands(UPDATE)}
"""Run by tests/deployment/test_production.py."""
SHOWN = {"html", "css", "js"}  # for authors of websites: tests/browser/test_widget.py has them in pages
ANSWERS = {
    # Page and beginning of an example of JSON: the request that is answered so.
    ("README.md", "bot_message"): "/api/chat/messages/",
    ("ask-a-question.md", "user_message"): "/api/chat/messages/",
    ("search-api.md", "query"): "/api/rag/search/?q=How+do+I+index+a+PDF%3F",
    ("monitor.md", "status"): "/api/ready/",
    ("errors.md", "type"): "/api/chat/messages/?empty",
}
NO_ANSWERS = {"connect-mcp-clients.md": "the settings of another program", "monitor.md": "a line of the log"}


def kind_of(block: Block) -> str:
    """How a block is run; empty where nothing here says so."""
    if block.language in ("python", "json", "ini", "yaml"):
        return block.language
    if block.language in SHOWN:
        return "shown"
    if block.language == "bash":
        return "shell"
    if block.language != "console":
        return "" if re.search(r"^(\$|curl|make|python|docker) ", block.text, re.MULTILINE) else "text"
    if all(line in ON_A_MACHINE or line.startswith(tuple(NOT_RUN)) for line in block.commands):
        return "listed"
    if all(line.startswith((MANAGE, *NOT_RUN)) for line in block.commands):
        return "manage"
    return "shell" if all(re.match(r"curl |python3 -c |[A-Z_]+=", line) for line in block.commands) else ""


BLOCKS = [block for page in FOR_USERS for block in blocks(page)]


def of_kind(kind: str) -> list[Block]:
    return [block for block in BLOCKS if kind_of(block) == kind]


@pytest.fixture
def world(settings: Settings, home: Path) -> Iterator[World]:
    """A server that knows the pages which the examples ask about."""
    settings.DATA_DIR = home.parent
    settings.BACKUPS = {**settings.BACKUPS, "DIR": home.parent / "backups"}
    handbook = collection_ensure(slug="handbook", name="Handbook", visibility=Visibility.PUBLIC)
    pages = [page for page in HANDBOOK if page.stem == "index-documents"]
    documents_submit(
        submissions=[Submission(page.read_bytes(), page.name, f"library/guide/{page.name}") for page in pages],
        collection=handbook,
    )
    collection_default()
    work()
    with Served() as server:
        yield World(server.port)


def test_each_block_is_run_or_listed() -> None:
    assert not [str(block) for block in BLOCKS if not kind_of(block)]
    used = {
        begins for begins in NOT_RUN for block in BLOCKS for command in block.commands if command.startswith(begins)
    }
    assert set(NOT_RUN) == used


@pytest.fixture
def shell(home: Path) -> dict[str, str]:
    """The environment of a shell whose ``curl`` fails where the server refuses."""
    curl = shutil.which("curl")
    if curl is None or shutil.which("openssl") is None:
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail("curl and openssl are required.")
        pytest.skip("There is no curl or openssl.")
    tools = home / "tools"
    tools.mkdir()
    (tools / "curl").write_text(f'#!/bin/sh\nexec {curl} --fail-with-body --silent --show-error --max-time 30 "$@"\n')
    (tools / "curl").chmod(0o700)
    return {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}


def test_what_is_sent_with_curl_is_answered(world: World, shell: dict[str, str]) -> None:
    failed = []
    for block in of_kind("shell"):
        world.begin(block)
        text = world.filled(block)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            env={**shell, **world.variables},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            failed.append(f"{block}\n{text}\n{done.stdout[:500]} {done.stderr[:300]}")
    assert not failed, "\n\n".join(failed)


def test_commands_do_what_they_are_called_for(
    world: World, home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", PASSWORD)
    read.cache_clear()
    failed = []
    for block in of_kind("manage"):
        world.begin(block)
        if "sync_sources" in block.text:
            settings.SOURCES = {**settings.SOURCES, "FOLDERS": [str(home / "manuals")]}
            source_of_a_folder(home / "manuals")
        filled = Block(block.page, block.line, block.language, world.filled(block))
        for command in filter(lambda command: command.startswith(MANAGE), filled.commands):
            name, *arguments = shlex.split(command.removeprefix(MANAGE))
            said = StringIO()
            try:
                with redirect_stdout(said), redirect_stderr(said):
                    call_command(name, *[os.path.expanduser(argument) for argument in arguments])
            except (CommandError, SystemExit) as error:
                failed.append(f"{block} {command}: {error} {said.getvalue()[-300:]}")
    read.cache_clear()
    assert not failed, "\n".join(failed)


def test_programs_in_python_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[Path, dict[str, Any]] = {}
    for block in of_kind("python"):
        world.begin(block)
        here = names.setdefault(block.page, {"__name__": "__main__"})  # a block goes on with the one before it
        exec(compile(world.filled(block), str(block), "exec"), here)  # noqa: S102
        assert capsys.readouterr().out.strip(), block
        if closing := here.get("client"):
            here["open"] = closing
    for here in names.values():
        if "open" in here:
            here["open"].close()


def test_examples_of_answers_have_the_names_that_answers_have(world: World) -> None:
    world.begin(BLOCKS[0])
    client = world.client()
    for block in of_kind("json"):
        example = json.loads(block.text)
        place = ANSWERS.get((block.page.name, next(iter(example))))
        if place is None:
            assert block.page.name in NO_ANSWERS, block
            continue
        if place.startswith("/api/chat/"):
            answer = client.post(place, {} if "empty" in place else {"content": "How do I index a PDF?"})
        else:
            answer = client.get(place)
        assert shaped(answer.json(), example), f"{block}: {answer.json()}"


def test_examples_of_yaml_can_be_read() -> None:
    for block in of_kind("yaml"):
        assert yaml.safe_load(block.text)


def source_of_a_folder(folder: Path) -> None:
    """By the name that the page has, since the page's website is none of ours."""
    source_create(collection=collection_default(), name="Help", slug="help", kind="folder", location=str(folder))


def test_no_reason_names_a_test_that_is_not_there() -> None:
    for reason in NOT_RUN.values():
        for path in re.findall(r"(?:tests|\.ci)/[\w/.]+", reason):
            assert (ROOT / path.rstrip(".:")).exists(), reason
