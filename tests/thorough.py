"""How often what is left to chance is repeated: a few times, and with ``THOROUGH=1`` as often as docs/ says."""

import os

THOROUGH = bool(os.environ.get("THOROUGH"))


def times(whole: int, everyday: int) -> int:
    return whole if THOROUGH else everyday
