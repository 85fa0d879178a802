"""What `manage.py check` says about the schedules, and every command before it begins."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from background_tasks.jobs import JOBS
from background_tasks.schedules import trigger_of


@checks.register(checks.Tags.compatibility)
def schedules_can_be_kept(app_configs: Sequence[Any] | None, **_: Any) -> list[checks.CheckMessage]:
    names = [job.name for job in JOBS]
    found: list[checks.CheckMessage] = []
    for name, schedule in settings.JOB_SCHEDULES.items():
        if name not in names:
            hint = f"There are {', '.join(names)}."
            found.append(
                checks.Error(f"JOB_SCHEDULES: there is no job {name!r}.", hint=hint, id="background_tasks.E001")
            )
            continue
        try:
            trigger_of(schedule)
        except ValueError as error:
            hint = "Write minute, hour, day, month and weekday as cron has them, such as 0 8 * * *, or off."
            found.append(checks.Error(f"JOB_SCHEDULES: {name}: {error}.", hint=hint, id="background_tasks.E002"))
    return found
