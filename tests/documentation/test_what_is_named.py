"""Commands, operations and variables that the pages name are there, and take what the pages give them."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from django.core.management import get_commands, load_command_class
from rest_framework.test import APIClient

from config.env import Environment
from tests.documentation.blocks import ALL, FOR_USERS, HANDBOOK, ROOT, blocks, code

CONFIGURE = ROOT / "documents" / "library" / "guide" / "configure.md"
# Read where Python or a library reads them, or by a program of another's.
_OTHERS = {"DJANGO_SETTINGS_MODULE", "TOKEN", "ENV_FILE"}


def named(page: Path, start: str) -> Iterator[list[str]]:
    """The arguments of each command that begins so, without placeholders of options and what a shell would do."""
    for text in code(page):
        if found := re.search(rf"(?:^|\s){re.escape(start)} (\S.*)", text):
            told = re.sub(r"\[[^\]]*\]|[>|].*|\s#.*|\.$", "", found[1]).replace("…", "x")
            yield shlex.split(told)


@cache
def parser_of(name: str) -> Any:
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    parser = command.create_parser("manage.py", name)
    parser.error = lambda message: (_ for _ in ()).throw(ValueError(message))  # type: ignore[method-assign]
    return parser


def test_every_command_takes_its_arguments() -> None:
    wrong = []
    samples = {"SECONDS": "5", "MESSAGE_ID": str(uuid4())}
    for page in ALL:
        for name, *arguments in named(page, "manage.py"):
            try:
                parser_of(name).parse_args([samples.get(argument, argument) for argument in arguments])
            except (KeyError, ValueError) as error:
                # Within a line a command may be named without what it must be given.
                if not re.search("arguments .*(is|are) required", str(error)):
                    wrong.append(f"{page.relative_to(ROOT)}: {name} {arguments}: {error}")
    assert not wrong


def test_every_target_module_and_file_is_there() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = []
    for place, text in [(page, text) for page in ALL for text in code(page)]:
        found = re.match(r"(?:\w+=\S+ )*make ([a-z-]+)(?: |$)", text)
        there = found is None or found[1] in targets
        if found := re.search(r"python -m ((?:tests|benchmarks)[\w.]*)", text):
            module = ROOT / found[1].replace(".", "/")
            there &= module.with_suffix(".py").exists() or (module / "__main__.py").exists()
        there &= all((ROOT / name).exists() for name in re.findall(r"-r (\S+\.txt)", text))
        if not there:
            wrong.append(f"{place.relative_to(ROOT)}: {text}")
    assert not wrong


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Method and path of each, by its id."""
    paths = yaml.safe_load(APIClient().get("/api/schema/").content)["paths"]
    return {
        operation["operationId"]: (method.upper(), path)
        for path, item in paths.items()
        for method, operation in item.items()
    }


def test_every_operation_that_is_named_is_in_the_schema() -> None:
    # Pages and probes, which are no operations of the API, and those of a curriculum service, which is another's.
    outside = {"/metrics", "/api/chatbot/widget.js", "/api/schema", "/api/docs", "/api/redoc"}
    others = re.compile(r"/api/(TrainingTopics|UserProgress)/")
    patterns = [
        (method, re.compile(re.sub(r"\{\w+\}", r"(\\{\\w+\\}|[\\w-]+)", path.rstrip("/"))))
        for method, path in operations().values()
    ]
    wrong = []
    for page in [ROOT / "README.md", *HANDBOOK]:
        for text in code(page):
            found = re.fullmatch(r"(GET|POST|PUT|PATCH|DELETE) (/(?:api|v1|mcp|metrics)[^\s?]*)(?:\?\S*)?", text)
            if found is None or found[2].rstrip("/") in outside or others.match(found[2]):
                continue
            place = found[2].rstrip("/")
            if not any(method == found[1] and pattern.fullmatch(place) for method, pattern in patterns):
                wrong.append(f"{page.name}: {text}")
    assert not wrong


BY_ROLE = {
    # What tests/users/access.toml calls those who may, and the question of the page under which their calls stand.
    "everybody": "Which operations need no account?",
    "visitor": "What may a website visitor do?",
    "member": "What may every account do?",
    "owner": "What may I do with my own conversations, keys and sessions?",
    "claim": "How does a visitor who logs in take a conversation along?",
    "teacher": "What may a teacher do?",
    "editor": "What may an editor do?",
    "admin": "What may an admin do?",
    "signed": "What may a source's own system do?",
}


def test_the_page_on_roles_lists_every_operation_under_who_may_call_it() -> None:
    allowed = tomllib.loads((ROOT / "tests" / "users" / "access.toml").read_text())
    page = (ROOT / "documents" / "library" / "guide" / "api-by-role.md").read_text()
    assert allowed.keys() == BY_ROLE.keys()
    for kind in allowed:
        section = page.split(f"## {BY_ROLE[kind]}\n")[1].split("\n## ")[0]
        listed = re.findall(r"^\| `(\w+ /[^`]+)` \|", section, re.MULTILINE)
        assert sorted(listed) == sorted(" ".join(operations()[name]) for name in allowed[kind]), kind


def test_the_page_on_configuration_lists_every_variable_and_no_other() -> None:
    listed = re.findall(r"^\| `([A-Z_0-9]+)` \|", CONFIGURE.read_text(), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == {name.upper() for name in Environment.model_fields}


def test_its_defaults_are_those_of_the_code() -> None:
    """As far as they are numbers, words or yes and no."""
    for name, told in re.findall(r"^\| `([A-Z_0-9]+)` \| `?([^`|]+?)`? \|", CONFIGURE.read_text(), re.MULTILINE):
        default = Environment.model_fields[name.lower()].default
        if isinstance(default, bool):
            assert told.lower() == str(default).lower(), name
        elif isinstance(default, int | float) and not told.startswith("none"):
            assert float(told) == default, name
        elif default in ("", None, []):
            assert not re.fullmatch(r"[\d.]+|True|False", told), name


def test_examples_of_settings_are_of_variables_that_there_are() -> None:
    known = {name.upper() for name in Environment.model_fields} | _OTHERS
    known |= {f"{name}_FILE" for name in known}
    for page in FOR_USERS:
        for block in blocks(page):
            names = re.findall(r"^([A-Z][A-Z0-9_]+)=", block.text, re.MULTILINE)
            if block.language == "ini" or not re.search(r"curl|openssl", block.text):
                assert set(names) <= known, f"{block}: {set(names) - known}"
