"""Every link between the files of the project leads to a file that is there, and to a heading in it."""

import re
from functools import cache
from pathlib import Path

from documents.handbook.rendering import rendered
from tests.documentation.blocks import ALL, ROOT, without_blocks

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@cache
def anchors(page: Path) -> set[str]:
    return {heading.anchor for heading in rendered(page.read_text())[1]}


def test_every_link_leads_somewhere() -> None:
    wrong = []
    for page in ALL:
        for link in _LINK.findall(re.sub(r"`[^`\n]*`", "", without_blocks(page))):
            if re.match(r"\w+:|/", link):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                wrong.append(f"{page.relative_to(ROOT)}: {link}")
    assert not wrong
