"""Which migrations do no harm while the release before them still serves.

A migration runs first; then one process after the other goes over to the new release. Until then both work on the same
tables, and people use them. Who has a reason to break a rule says so in the migration: ``reviewed = "why it is safe"``.
"""

from collections.abc import Iterator

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from utils.migrating import AddIndexQuietly

GONE = "the release before still reads it: stop using it in one release and remove it in the next"
RENAMED = (
    "the release before still knows the old name: add the new one beside it, and remove the old one a release later"
)
UNFILLED = "the release before does not fill it: give it a db_default, or let it be null"
REWRITTEN = "the table is locked while each of its rows is looked at: add a column beside it, and fill that in parts"
WAITING = "writers wait while it is built: use utils.migrating.AddIndexQuietly in a migration with atomic = False"
ONE_WAY = "give it a reverse_code (noop, if there is nothing to undo), and say elidable=True or reviewed why not"


def faults(migration: Migration, state: ProjectState) -> Iterator[str]:
    """What is wrong with a migration that is applied to this state; the state is changed."""
    new: set[str] = set()
    for operation in migration.operations:
        if not getattr(migration, "reviewed", ""):
            for fault in _faults(operation, state, new, migration):
                yield f"{operation.describe()}: {fault}"
        operation.state_forwards(migration.app_label, state)


def _faults(operation: Operation, state: ProjectState, new: set[str], migration: Migration) -> Iterator[str]:
    match operation:
        case operations.CreateModel():
            new.add(operation.name_lower)
        case operations.RemoveField() | operations.DeleteModel():
            yield GONE
        case operations.RenameField() | operations.RenameModel() | operations.AlterModelTable():
            yield RENAMED
        case operations.RunPython() | operations.RunSQL():
            if not (operation.reversible and operation.elidable):
                yield ONE_WAY
        case _:
            if getattr(operation, "model_name_lower", "") not in new:
                yield from _faults_of_rows(operation, state, migration)


def _faults_of_rows(operation: Operation, state: ProjectState, migration: Migration) -> Iterator[str]:
    """Where there are rows already, and people who write more."""
    match operation:
        case operations.AddField():
            if _unfilled(operation.field):
                yield UNFILLED
        case operations.AlterField():
            model = state.models[migration.app_label, operation.model_name_lower]
            if _stored(model.fields[operation.name]) != _stored(operation.field):
                yield REWRITTEN
        case AddIndexQuietly() | AddIndexConcurrently():
            if migration.atomic:
                yield WAITING
        case operations.AddIndex() | operations.AddConstraint() | operations.AlterUniqueTogether():
            yield WAITING


def _unfilled(field: models.Field) -> bool:  # type: ignore[type-arg]
    return not (field.many_to_many or field.null or field.has_db_default())


def _stored(field: models.Field) -> tuple[object, ...]:  # type: ignore[type-arg]
    """What the database knows of it."""
    _, path, arguments, named = field.deconstruct()
    named = {name: value for name, value in named.items() if name not in (*field.non_db_attrs, "default")}
    return path, arguments, named
