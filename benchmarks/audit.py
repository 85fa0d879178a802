"""What an entry in the audit trail costs: python -m benchmarks.audit [--entries N] [--processes P …]

In a database that is made and removed for it, beside the one that DATABASE_URL names: so many processes add entries,
each in a transaction of its own; then the trail is verified.
"""

import argparse
import multiprocessing
import os
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402 - after the settings
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from users.audit import audit_record  # noqa: E402
from users.audit_verifying import audit_verify  # noqa: E402


def _write(entries: int) -> list[float]:
    took = []
    for number in range(entries):
        started = time.perf_counter()
        with transaction.atomic():
            audit_record(
                actor=None,
                action="collection.update",
                object_type="collection",
                object_id=str(number),
                before={"visibility": "members"},
                after={"visibility": "public"},
            )
        took.append((time.perf_counter() - started) * 1e3)
    return took


def _bare(entries: int) -> list[float]:
    """What a transaction that writes one row costs anyway."""
    took = []
    with connection.cursor() as cursor:
        for _ in range(entries):
            started = time.perf_counter()
            with transaction.atomic():
                cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [os.urandom(16).hex()])
            took.append((time.perf_counter() - started) * 1e3)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1000, help="Of each process.")
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 4])
    options = parser.parse_args()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    table = Table("", "entries", "median ms", "p95 ms", "entries a second")
    try:
        for name, work, processes in (
            ("a bare INSERT", _bare, 1),
            *((f"{count} writing", _write, count) for count in options.processes),
        ):
            connection.close()
            started = time.perf_counter()
            with multiprocessing.get_context("fork").Pool(processes) as pool:
                took = [one for some in pool.map(work, [options.entries] * processes) for one in some]
            seconds = time.perf_counter() - started
            p95 = statistics.quantiles(took, n=20)[-1]
            speed = f"{len(took) / seconds:.0f}"
            table.add_row(name, str(len(took)), f"{statistics.median(took):.2f}", f"{p95:.2f}", speed)
        started = time.perf_counter()
        verdict = audit_verify()
        took_whole = time.perf_counter() - started
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    console = Console()
    console.print(table)
    console.print(f"{verdict.entries} entries verified in {took_whole:.2f} s: {verdict.fault or 'whole'}")


if __name__ == "__main__":
    main()
