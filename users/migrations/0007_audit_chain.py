"""The entries that are there become the beginning of the chain, numbered anew from 1."""

import json
import secrets
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from users import audit_chain


def chain(apps, schema_editor):
    entries, keys = apps.get_model("users", "AuditEntry"), apps.get_model("users", "ApiKey")
    owners = {str(key): owner for key, owner in keys.objects.values_list("pk", "user_id")}
    rows, last = list(entries.objects.order_by("id")), audit_chain.BEGINNING
    if not rows:
        return
    entries.objects.all().delete()
    for number, entry in enumerate(rows, start=1):
        entry.id = number
        if entry.actor_id is None:
            entry.actor_name = ""  # the system, or an account that is gone
        if entry.object_type == "api_key":
            entry.subject_id = owners.get(entry.object_id)
            if entry.subject_id is None:
                entry.detail.pop("owner", None)
        entry.detail = json.loads(json.dumps(entry.detail), parse_float=str)
        entry.actor_salt, entry.object_salt = secrets.token_hex(16), secrets.token_hex(16)
        entry.actor_digest, entry.object_digest = audit_chain.actor_digest(entry), audit_chain.object_digest(entry)
        last = entry.hash = audit_chain.hash_of(entry, last)
    entries.objects.bulk_create(rows, batch_size=500)
    seal = audit_chain.seal_of(len(rows), last)
    apps.get_model("users", "AuditHead").objects.create(pk=1, number=len(rows), hash=last, seal=seal)


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0006_student_and_teacher"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("seal", models.CharField(max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name="auditentry",
            name="actor_digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="actor_removal",
            field=models.UUIDField(help_text="Of the entry that says why this part was blanked.", null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="actor_salt",
            field=models.CharField(blank=True, help_text="Empty: this part has been blanked.", max_length=32),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="address",
            field=models.CharField(blank=True, help_text="Of the client; of IPv6 the network.", max_length=45),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="after",
            field=models.JSONField(help_text="What was changed, as it is since.", null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="before",
            field=models.JSONField(help_text="What was changed, as it was.", null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="hash",
            field=models.CharField(
                default="", help_text="Over this entry and the hash of the one before.", max_length=64
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="object_digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="object_removal",
            field=models.UUIDField(help_text="Of the entry that says why this part was blanked.", null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="object_salt",
            field=models.CharField(blank=True, help_text="Empty: this part has been blanked.", max_length=32),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="request_id",
            field=models.CharField(blank=True, max_length=128),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="subject",
            field=models.ForeignKey(
                db_constraint=False,
                help_text="The account of which this part tells.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                db_constraint=False,
                help_text="A plain number to the database: it outlives the account until that is erased.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="actor_name",
            field=models.CharField(blank=True, help_text="Empty: the system.", max_length=150),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="at",
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="object_id",
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "account_id",
                    models.PositiveBigIntegerField(
                        help_text="Until it is gone. No foreign key: it goes first.", null=True
                    ),
                ),
                (
                    "actor_id",
                    models.PositiveBigIntegerField(
                        help_text="Who asked for it, if not its owner; until then.", null=True
                    ),
                ),
                (
                    "mark",
                    models.CharField(
                        db_index=True, help_text="By which it is known in a restored backup.", max_length=64
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Asked for"),
                            ("outside", "Gone from the database, not yet from caches"),
                            ("done", "Done"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["asked_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "done"), _negated=True),
                        fields=["asked_at"],
                        name="erasure_unfinished",
                    )
                ],
            },
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
    ]
