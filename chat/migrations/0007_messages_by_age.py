from django.contrib.postgres.operations import AddIndexConcurrently, NotInTransactionMixin, RemoveIndexConcurrently
from django.db import migrations, models


def _alone(connection):
    """A restore migrates within its transaction, when nobody asks."""
    return connection.vendor == "postgresql" and not connection.in_atomic_block


class _Concurrently:
    """On PostgreSQL without a lock that questions would wait for; elsewhere as usual."""

    def _as(self, schema_editor):
        return super() if _alone(schema_editor.connection) else super(NotInTransactionMixin, self)

    def database_forwards(self, app_label, schema_editor, *states):
        self._as(schema_editor).database_forwards(app_label, schema_editor, *states)

    def database_backwards(self, app_label, schema_editor, *states):
        self._as(schema_editor).database_backwards(app_label, schema_editor, *states)


class _Add(_Concurrently, AddIndexConcurrently):
    def database_forwards(self, app_label, schema_editor, *states):
        if _alone(schema_editor.connection):
            # Half of it, which is never used, is left where this was killed before.
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, *states)


class _Remove(_Concurrently, RemoveIndexConcurrently):
    pass


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("chat", "0006_assistant"),
    ]

    operations = [
        _Add(model_name="message", index=models.Index(fields=["timestamp", "id"], name="message_by_age")),
        _Remove(model_name="message", name="message_latest"),
    ]
