import uuid
import zlib

from django.db import migrations, models


def checksum_all(apps, schema_editor):
    vectors = apps.get_model("rag", "Vector").objects
    last = 0
    while rows := list(vectors.filter(pk__gt=last).order_by("pk")[:1000]):
        for row in rows:
            row.checksum = zlib.crc32(bytes(row.data), zlib.crc32(bytes(row.text_hash)))
        vectors.bulk_update(rows, ["checksum"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("rag", "0002_question_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Active",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("embedder", models.CharField(help_text="Dotted path of a class.", max_length=200)),
                ("store", models.CharField(help_text="Dotted path of a class.", max_length=200)),
                (
                    "previous_embedder",
                    models.CharField(blank=True, help_text="What was in use before: the way back.", max_length=200),
                ),
                ("previous_store", models.CharField(blank=True, max_length=200)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="Build",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("index", models.CharField(max_length=200, unique=True)),
                ("lineage", models.CharField(max_length=32)),
                (
                    "revision",
                    models.PositiveBigIntegerField(
                        help_text="Where it began; what has changed since is taken in at the end."
                    ),
                ),
                (
                    "last",
                    models.CharField(blank=True, help_text="The chunks up to this id are in the index.", max_length=64),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IndexCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run", models.UUIDField(default=uuid.uuid4)),
                (
                    "index",
                    models.CharField(help_text="One of DATABASE_PARTS or the name of an index.", max_length=200),
                ),
                (
                    "claim",
                    models.CharField(
                        blank=True,
                        help_text="Of a nightly check: one worker makes it.",
                        max_length=300,
                        null=True,
                        unique=True,
                    ),
                ),
                ("started", models.DateTimeField(auto_now_add=True)),
                ("ended", models.DateTimeField(blank=True, null=True)),
                ("checked", models.PositiveBigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict, help_text="How many faults of each kind were found.")),
                ("repaired", models.PositiveBigIntegerField(default=0)),
                ("report", models.JSONField(default=list, help_text="The first faults, one object each.")),
            ],
            options={
                "ordering": ["-started", "-id"],
            },
        ),
        migrations.AddField(
            model_name="cursor",
            name="home",
            field=models.CharField(
                blank=True, default="", help_text="Where the database lived when it was written.", max_length=100
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="vector",
            name="checksum",
            field=models.BigIntegerField(
                default=0, help_text="CRC-32 of text_hash and data: tells a vector that was damaged."
            ),
            preserve_default=False,
        ),
        migrations.RunPython(checksum_all, migrations.RunPython.noop),
    ]
