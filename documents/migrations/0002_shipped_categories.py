from django.db import migrations


def make(apps, schema_editor):
    category = apps.get_model("documents", "Category")
    for name in ("FAQ", "Guide", "Policy"):
        category.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
