"""What tokens cost, as far as prices are known."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

_HERE = frozenset({"none", "extractive"})
"""Nobody was asked, or the sentences of the passages were taken: that costs nothing."""
_MILLION = 1_000_000


def priced(models: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of chat.activity.models with ``cost`` in US dollars, None where it is not known, and where it is from."""
    return [{**row, **_cost(row)} for row in models]


def total(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``known``: the sum of what is known; ``unknown``: the models of which it is not."""
    rows = list(rows)
    return {
        "currency": "USD",
        "known": round(sum(row["cost"] or 0 for row in rows), 6),
        "unknown": [row["model"] for row in rows if row["cost"] is None],
        "estimated": any(row["price"] == "estimate" and row["cost"] for row in rows),
    }


def _cost(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["model"] in _HERE or row["answers"] == row["kept"]:
        return {"cost": 0.0, "price": "none"}
    for source, prices in (("set", settings.REPORTS["PRICES"]), ("estimate", settings.REPORTS["ESTIMATED_PRICES"])):
        if price := _price(row["model"], prices):
            cost = (row["prompt_tokens"] * price[0] + row["completion_tokens"] * price[1]) / _MILLION
            return {"cost": round(cost, 6), "price": source}
    return {"cost": None, "price": "unknown"}


def _price(model: str, prices: Mapping[str, tuple[float, float]]) -> tuple[float, float] | None:
    """Of the model itself, else of the longest name that its own begins with: providers add dates and ``latest``."""
    names = [name for name in prices if model == name or model.startswith(f"{name}-")]
    return prices[max(names, key=len)] if names else None
