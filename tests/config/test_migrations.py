"""Migrations are safe to run while the release before them serves (tests/config/migration_rules.py)."""

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests.config import migration_rules as rules
from utils.migrating import AddIndexQuietly

BEFORE = {
    "background_tasks": "0003_leadership",
    "chat": "0008_citation_metadata",
    "documents": "0008_invitations",
    "learning": "0004_agents",
    "rag": "0006_gap_groups",
    "users": "0009_notices",
}
"""Up to these they come from before the rules, and before the first release: nobody has run a release between them."""


def state() -> ProjectState:
    found = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=20)),
    ]
    found.add_model(ModelState("library", "Book", fields))
    return found


def faults(*operations: migrations.operations.base.Operation, **said: object) -> list[str]:
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), **said})
    return [fault.partition(": ")[2] for fault in rules.faults(made("0002", "library"), state())]


def test_every_migration_of_the_product_is() -> None:
    loader = MigrationLoader(connection)
    found = {}
    for key in sorted(loader.disk_migrations):
        app, name = key
        if app in BEFORE and name > BEFORE[app]:
            at = loader.project_state(key, at_end=False)
            if wrong := list(rules.faults(loader.disk_migrations[key], at)):
                found[key] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        (migrations.RemoveField("book", "title"), rules.GONE),
        (migrations.DeleteModel("Book"), rules.GONE),
        (migrations.RenameField("book", "title", "name"), rules.RENAMED),
        (migrations.RenameModel("Book", "Volume"), rules.RENAMED),
        (migrations.AddField("book", "pages", models.IntegerField(default=0)), rules.UNFILLED),
        (migrations.AlterField("book", "title", models.CharField(max_length=10)), rules.REWRITTEN),
        (migrations.AddIndex("book", models.Index(fields=["title"], name="titles")), rules.WAITING),
        (AddIndexQuietly("book", models.Index(fields=["title"], name="titles")), rules.WAITING),
        (migrations.AddConstraint("book", models.UniqueConstraint(fields=["title"], name="one")), rules.WAITING),
        (migrations.RunPython(migrations.RunPython.noop), rules.ONE_WAY),
    ],
    ids=lambda value: value.describe() if hasattr(value, "describe") else "",
)
def test_what_harms_whoever_still_serves_is_named(operation: migrations.operations.base.Operation, fault: str) -> None:
    assert faults(operation) == [fault]
    assert faults(operation, reviewed="nobody uses the table yet") == []


def test_what_does_no_harm_passes() -> None:
    index = models.Index(fields=["title"], name="titles")
    assert faults(AddIndexQuietly("book", index), atomic=False) == []
    shelf = migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))])
    room = migrations.AddField("shelf", "room", models.IntegerField(default=0))
    assert faults(shelf, room) == []
    assert faults(migrations.AddField("book", "pages", models.IntegerField(null=True))) == []
    assert faults(migrations.AddField("book", "pages", models.IntegerField(db_default=0))) == []
    said = models.CharField(max_length=20, help_text="as on its back")
    assert faults(migrations.AlterField("book", "title", said)) == []
    noop = migrations.RunPython.noop
    assert faults(migrations.RunPython(noop, noop, elidable=True)) == []


@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_beside_the_writing() -> None:
    """Also where it was begun before and never came to its end."""
    before = state()
    operation = AddIndexQuietly("book", models.Index(fields=["title"], name="titles"))
    after = before.clone()
    operation.state_forwards("library", after)
    book = before.apps.get_model("library", "Book")
    with connection.schema_editor() as editor:
        editor.create_model(book)
    try:
        for _ in range(2 if connection.vendor == "postgresql" else 1):
            with connection.schema_editor(atomic=False) as editor:
                operation.database_forwards("library", editor, before, after)
        with connection.cursor() as cursor:
            assert "titles" in connection.introspection.get_constraints(cursor, "library_book")
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(book)
