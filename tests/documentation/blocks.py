"""What the README, the handbook and the engineers' pages show: fenced blocks, code within lines, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
HANDBOOK = sorted((ROOT / "documents" / "library").glob("*/*.md"))
FOR_USERS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *HANDBOOK]
ALL = [*FOR_USERS, ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    page: Path
    line: int
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """Without comments; a line that goes on after a backslash, or within quotes, is one with the next."""
        found, pending = list[str](), ""
        for line in self.text.splitlines():
            pending += re.sub(r"(^|\s)# .*$", "", line).rstrip()
            if pending.endswith("\\") or pending.count("'") % 2:
                pending = pending.removesuffix("\\") + " "
            elif pending:
                found.append(pending.strip())
                pending = ""
        return found

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for found in _FENCE.finditer(text):
        yield Block(page, text.count("\n", 0, found.start()) + 1, found[2], found[3])


def without_blocks(page: Path) -> str:
    return _FENCE.sub("", page.read_text())


def code(page: Path) -> Iterator[str]:
    """Each command and each piece of code within a line."""
    for block in blocks(page):
        if block.language in ("console", "bash"):
            yield from block.commands
    for found in _CODE.finditer(without_blocks(page)):
        yield found[1]
