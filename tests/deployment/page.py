"""The commands of the handbook's page on deployment."""

import re

from config.env import BASE_DIR

PAGE = BASE_DIR / "documents" / "library" / "guide" / "production-deployment.md"


INSTALL = "How do I install Grounded on a machine with systemd?"
UPDATE = "How do I update Grounded?"


def commands(question: str) -> list[str]:
    """Those under this heading, in turn."""
    section = PAGE.read_text().partition(f"## {question}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    found = "".join(blocks).splitlines()
    assert found, f"The page has no commands under {question!r}."
    return found
