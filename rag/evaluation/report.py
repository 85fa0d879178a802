"""The figures of an evaluation as one HTML page that needs nothing beside it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from rag.evaluation.measuring import INTERVAL, Figures


def report(*, title: str, told: Mapping[str, Any], tables: Mapping[str, Figures], made: datetime) -> str:
    """``told`` is what is said of the run as a whole, name → value."""
    sections = [{"name": name, "columns": list(figures), "rows": _rows(figures)} for name, figures in tables.items()]
    return render_to_string("rag/evaluation.html", {"title": title, "told": told, "sections": sections, "made": made})


def _rows(figures: Figures) -> list[dict[str, Any]]:
    names = dict.fromkeys(row for column in figures.values() for row in column if not row.endswith(INTERVAL))
    rows = []
    for name in names:
        values = [column.get(name) for column in figures.values()]
        # Shares are drawn on their own scale; what may be larger, as words and milliseconds, beside its largest.
        most = max([1.0, *(value for value in values if value is not None)])
        cells = [
            {
                "value": value,
                "share": 100 * value / most if value is not None else 0,
                "within": column.get(name + INTERVAL),
            }
            for value, column in zip(values, figures.values(), strict=True)
        ]
        rows.append({"name": name, "cells": cells})
    return rows
