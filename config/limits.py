"""How often things may be tried: for each limit the events and the seconds in which they may happen.

Accounts count for themselves and for the address that asks (users/limits.py), each up to the same number.
"""

import re

DEFAULTS: dict[str, tuple[int, int]] = {
    "login": (5, 60),
    "sign_on": (60, 60),
    "register": (10, 600),
    "refresh": (120, 60),
    "password_reset": (5, 900),
    "verification_resend": (5, 900),
    "mailed_token": (20, 900),
    "agent_hint": (20, 60),
    "agent_quiz": (15, 60),
    "agent_reflect": (10, 60),
    "agent_path": (10, 60),
    "handbook_search": (60, 60),
}
_ENTRY = re.compile(r"\s*(\w+)\s*=\s*([1-9]\d*)\s*/\s*([1-9]\d*)\s*")


def limits_read(value: object) -> object:
    """``login=10/60, refresh=600/60``: these instead of their defaults. Raises ValueError."""
    if not isinstance(value, str):
        return value
    limits = dict(DEFAULTS)
    for entry in filter(str.strip, value.split(",")):
        found = _ENTRY.fullmatch(entry)
        if not found or found[1] not in DEFAULTS:
            raise ValueError(f"{entry.strip()!r} is not like login=5/60; there are {', '.join(DEFAULTS)}")
        limits[found[1]] = (int(found[2]), int(found[3]))
    return limits
