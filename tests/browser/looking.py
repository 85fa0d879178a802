"""What every page is looked at for: faults that axe finds, a width that fits, and a picture for people."""

from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()


def looked_at(page: Page, name: str) -> None:
    """Nothing serious for who uses a keyboard or a screen reader, and no wider than the screen.

    A picture is left in var/screenshots.
    """
    folder = settings.BASE_DIR / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", animations="disabled")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} pixels too wide"
    page.evaluate(AXE + "; 0")
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        f"{fault['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert not serious, "\n".join([name, *serious])
