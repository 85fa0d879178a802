"""The variable JOB_SCHEDULES. Which jobs there are and what a schedule may be is known where they run."""


def schedules_read(value: object) -> object:
    """``tokens=0 4 * * *; retention=off``: schedules by the names of jobs. Raises ValueError."""
    if not isinstance(value, str):
        return value
    schedules: dict[str, str] = {}
    for entry in filter(str.strip, value.split(";")):
        name, equals, schedule = (part.strip() for part in entry.partition("="))
        if not (name and equals and schedule):
            raise ValueError(f"{entry.strip()!r} is not like tokens=0 4 * * * or tokens=off, with semicolons between")
        if name in schedules:
            raise ValueError(f"{name} is there twice")
        schedules[name] = " ".join(schedule.split())
    return schedules
