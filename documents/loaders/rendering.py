"""How lists and tables look in a version's text, whichever format they come from."""

from collections.abc import Iterable, Sequence
from textwrap import indent


def pipe_table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first row is its header. Rows and columns without any text are left out."""
    cleaned = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    cleaned = [row for row in cleaned if any(row)]
    width = max(map(len, cleaned), default=0)
    cleaned = [row + [""] * (width - len(row)) for row in cleaned]
    columns = [column for column in range(width) if any(row[column] for row in cleaned)]
    lines = ["| " + " | ".join(row[column] for column in columns) + " |" for row in cleaned]
    if len(lines) > 1:
        # The shortest line that Markdown takes: each hyphen is a token.
        lines.insert(1, "|" + "-|" * len(columns))
    return "\n".join(lines)


def list_text(items: Iterable[str], first: int | None = None) -> str:
    """One line or more for each item; ``first`` is the number of the first item in a numbered list."""
    lines = []
    for position, item in enumerate(items):
        marker = "- " if first is None else f"{first + position}. "
        lines.append(marker + indent(item.strip(), " " * len(marker)).lstrip())
    return "\n".join(lines)
