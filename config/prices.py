"""What models cost: US dollars for a million tokens of the prompt, and for a million that are written."""

import re

ESTIMATES: dict[str, tuple[float, float]] = {
    "mistral-small": (0.10, 0.30),
    "mistral-medium": (0.40, 2.00),
    "mistral-large": (0.50, 1.50),
    "ministral-3b": (0.10, 0.10),
    "ministral-8b": (0.15, 0.15),
    "magistral-small": (0.50, 1.50),
    "magistral-medium": (2.00, 5.00),
    "open-mistral-nemo": (0.15, 0.15),
}
"""As Mistral has listed them; prices change, and so they are told as estimates."""
_ENTRY = re.compile(r"\s*([^=\s]+)\s*=\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*")


def prices_read(value: object) -> object:
    """``mistral-small=0.1/0.3, my-model=0/0``. Raises ValueError."""
    if not isinstance(value, str):
        return value
    prices = {}
    for entry in filter(str.strip, value.split(",")):
        found = _ENTRY.fullmatch(entry)
        if not found:
            raise ValueError(f"{entry.strip()!r} is not like mistral-small=0.1/0.3")
        prices[found[1]] = (float(found[2]), float(found[3]))
    return prices
