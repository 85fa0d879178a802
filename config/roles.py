"""What differs by role: ``editor=365, admin=0``."""

import re

ROLES = ("user", "student", "teacher", "editor", "admin")
"""As users.models has them, which is not there yet when this is read."""
_ENTRY = re.compile(r"\s*(\w+)\s*=\s*(\d{1,5})\s*", re.ASCII)


def days_by_role_read(value: object) -> object:
    """Raises ValueError."""
    if not isinstance(value, str):
        return value
    days: dict[str, int] = {}
    for entry in filter(str.strip, value.split(",")):
        found = _ENTRY.fullmatch(entry)
        if not found:
            raise ValueError(f"{entry.strip()!r} is not like editor=365: a role and a number of days, 0 for good")
        if found[1] not in ROLES:
            raise ValueError(f"{found[1]!r} is no role; there are {', '.join(ROLES)}")
        if found[1] in days:
            raise ValueError(f"the role {found[1]!r} is named twice")
        days[found[1]] = int(found[2])
    return days
