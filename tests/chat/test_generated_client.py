"""A typed Python client, generated from the OpenAPI schema, logs in, asks, searches and reads the history."""

import os
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.env import BASE_DIR
from tests.conftest import PASSWORD
from tests.serving import Served
from users.models import User

CONFIG = BASE_DIR / "deploy" / "python-client.yaml"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the package ``grounded_client``."""
    folder = tmp_path_factory.mktemp("client")
    call_command("spectacular", file=str(folder / "schema.yaml"))
    programs = Path(sys.executable).parent
    command = [programs / "openapi-python-client", "generate", "--path", "schema.yaml", "--meta", "none"]
    made = subprocess.run(
        [*map(str, command), "--config", str(CONFIG), "--output-path", "grounded_client", "--fail-on-warning"],
        cwd=folder,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("library")
def test_it_works_against_the_server(package: Path, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(package)

    def operation(name: str) -> Any:
        return import_module(f"grounded_client.api.{name}")

    client, models = import_module("grounded_client"), import_module("grounded_client.models")
    for module in pkgutil.walk_packages(client.__path__, "grounded_client."):
        import_module(module.name)  # every operation and model is sound
    with Served() as server:
        url = f"http://127.0.0.1:{server.port}"
        with client.Client(base_url=url) as anonymous:
            wrong = models.LoginRequest(username=user.username, password="wrong")
            refused = operation("accounts.session_open").sync(client=anonymous, body=wrong)
            assert (type(refused).__name__, refused.code) == ("Problem", "invalid_credentials")
            login = models.LoginRequest(username=user.username, password=PASSWORD)
            pair = operation("accounts.session_open").sync(client=anonymous, body=login)
        with client.AuthenticatedClient(base_url=url, token=pair.access) as own:
            question = models.FreeQuestionRequest(content="How many books may a reader borrow?")
            exchange = operation("chat.chat_messages_create").sync(client=own, body=question)
            assert "seven books" in exchange.bot_message.content
            assert [cited.title for cited in exchange.bot_message.citations] == ["Loans"]
            history = operation("chat.chat_history").sync(client=own)
            assert history.total_messages == 2
            assert {said.id for said in history.recent_messages} == {exchange.user_message.id, exchange.bot_message.id}
            wanted = models.ApiKeyRequest(name="Notebook", scopes=[models.ScopesEnum.SEARCH])
            key = operation("api_keys.api_keys_create").sync(client=own, body=wanted).key
        with client.AuthenticatedClient(base_url=url, token=key) as program:
            found = operation("knowledge_base.search").sync(client=program, q="How many books?")
            assert found.results[0].title == "Loans"
            forbidden = operation("chat.chat_history").sync(client=program)
            assert (type(forbidden).__name__, forbidden.code) == ("Problem", "scope_missing")
