"""The pages of docs/ that are drawn from the code: which room imports which, and the tables of each room."""

import inspect
from collections.abc import Iterator

import grimp
from django.apps import apps
from django.db import models

from tests.documentation.blocks import ROOT

ROOMS = ("background_tasks", "learning", "chat", "rag", "documents", "users", "utils")
DATA_MODEL = ROOT / "docs" / "data-model.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
_BEGIN, _END = "<!-- drawn by `make docs` -->\n", "<!-- until here -->\n"
_INTRODUCTION = """# Data model

The tables of each room, drawn by `make docs` from the models; a test compares. An arrow leads from the row that names
another to the one that is named. Tables of other rooms are in it where a table names them, but for accounts, which
nearly every table names.

"""


def drawn() -> dict[str, str]:
    """What each file should hold, by its path."""
    text = ARCHITECTURE.read_text()
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    sections = "\n".join(_room_section(room) for room in reversed(ROOMS) if list(_models(room)))
    return {
        str(ARCHITECTURE): f"{before}{_BEGIN}{rooms()}{_END}{after}",
        str(DATA_MODEL): _INTRODUCTION + sections,
    }


def rooms() -> str:
    """Each arrow is at least one import."""
    graph = grimp.build_graph("config", *ROOMS)
    lines = ["flowchart TD"]
    for number, room in enumerate(ROOMS):
        for lower in ROOMS[number + 1 :]:
            importers = graph.find_modules_that_directly_import
            inside = {lower, *graph.find_descendants(lower)}
            if any(module.split(".")[0] == room for part in inside for module in importers(part)):
                lines.append(f"    {room} --> {lower}")
    return _mermaid(lines)


def _mermaid(lines: list[str]) -> str:
    return "\n".join(["```mermaid", *lines, "```", ""])


def _models(room: str) -> Iterator[type[models.Model]]:
    yield from sorted(apps.get_app_config(room).get_models(), key=lambda model: model.__name__)


def _room_section(room: str) -> str:
    known = list(_models(room))
    lines = ["erDiagram"]
    for model in known:
        lines += _relations(model)
    named = {word for line in lines[1:] for word in line.split()[:3:2]}
    lines += [f"    {model.__name__}" for model in known if model.__name__ not in named]
    table = [f"| `{model.__name__}` | {_about(model)} | {_fields(model)} |" for model in known]
    return "\n".join(
        [f"## {room}", "", _mermaid(lines), "| table | what a row is | fields |", "|---|---|---|", *table, ""]
    )


def _relations(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.get_fields():
        if not field.is_relation or field.auto_created or not isinstance(field.related_model, type):
            continue
        other = field.related_model._meta
        if other.app_label not in ROOMS:  # Django's groups and permissions, which nothing here uses
            continue
        if other.app_label != model._meta.app_label and other.object_name == "User":  # nearly every table
            continue
        name = (
            other.object_name if other.app_label == model._meta.app_label else f"{other.app_label}_{other.object_name}"
        )
        ends = "}o--o{" if field.many_to_many else "|o--o|" if field.one_to_one else "}o--||"
        if getattr(field, "null", False) and field.many_to_one:
            ends = "}o--o|"
        yield f"    {model.__name__} {ends} {name} : {field.name}"


def _about(model: type[models.Model]) -> str:
    """The first paragraph of its docstring; models without one have Django's, which names the fields."""
    text = " ".join(inspect.cleandoc(model.__doc__ or "").partition("\n\n")[0].split())
    return "" if text.startswith(f"{model.__name__}(") else text


def _fields(model: type[models.Model]) -> str:
    names = [field.name for field in model._meta.get_fields() if not field.auto_created or field.concrete]
    return ", ".join(f"`{name}`" for name in names)
