"""What the handbook's templates are given, on the server and in files alike. All links between pages are relative."""

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from documents.handbook.pages import Page, groups, pages

STYLES, ICON, THEME = "documents/handbook/handbook.css", "utils/icon.svg", "utils/theme.js"


def front_of(*, root: str = "") -> dict[str, Any]:
    """``root`` leads from the page to the handbook's front page."""
    return {"groups": groups(), "root": root}


def page_of(page: Page) -> dict[str, Any]:
    order = list(pages())
    place = order.index(page)
    return {
        **front_of(root="../"),
        "page": page,
        "group": next(group for group in groups() if page in group.pages),
        "before": order[place - 1] if place else None,
        "after": order[place + 1] if place + 1 < len(order) else None,
    }


def handbook_export(*, folder: Path) -> int:
    """Write the handbook as files that any web server, or a browser alone, can show. Returns the number of pages."""
    written = {"index.html": render_to_string("documents/handbook/front.html", front_of())}
    written |= {
        f"{page.path}.html": render_to_string("documents/handbook/page.html", page_of(page)) for page in pages()
    }
    for name, html in written.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8")
    for asset in (STYLES, ICON, THEME):
        (folder / Path(asset).name).write_bytes(Path(str(finders.find(asset))).read_bytes())
    return len(written)
