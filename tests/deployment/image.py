"""What the Dockerfile says, done without a container engine: the same files, the same commands, below one folder."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from config.env import BASE_DIR

_BASE = ("apt-get update", "useradd ")
"""What the base image is given: programs and an account."""


def instructions() -> list[tuple[str, str]]:
    """Of the stage that becomes the image."""
    text = re.sub(r"^#.*\n", "", (BASE_DIR / "Dockerfile").read_text(), flags=re.MULTILINE)
    text = re.sub(r"\\\n\s*", " ", text).rpartition("\nFROM ")[2].partition("\n")[2]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


class Image:
    def __init__(self, root: Path, *, port: int) -> None:
        self.root, self.app, self._port = root, root / "app", str(port)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(root / "data"), "ENV_FILE": os.devnull}
        self.command: list[str] = []
        self.healthy: list[str] = []
        self.user = ""
        (root / "data").mkdir()
        for word, rest in instructions():
            getattr(self, f"_{word.lower()}", lambda _: None)(rest)

    def run(self, command: list[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(command, cwd=self.app, env=self.environment)

    def _here(self, text: str) -> str:
        return re.sub(r"(?<![\w.:/])/(app|data|venv)\b", rf"{self.root}/\1", text)

    def _at_port(self, text: str) -> str:
        assert "8000" in text
        return text.replace("8000", self._port)

    def _copy(self, rest: str) -> None:
        if rest == "--from=packages /venv /venv":
            (self.root / "venv").symlink_to(sys.prefix)
            return
        assert rest == ". /app"
        for path in packed():
            (self.app / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(BASE_DIR / path, self.app / path)

    def _env(self, rest: str) -> None:
        for pair in rest.split():
            name, _, value = pair.partition("=")
            self.environment[name] = self._here(value).replace("$PATH", self.environment["PATH"])

    def _run(self, rest: str) -> None:
        if not rest.startswith(_BASE):
            subprocess.run(["sh", "-c", self._here(rest)], cwd=self.app, env=self.environment, check=True)

    def _user(self, rest: str) -> None:
        self.user = rest

    def _healthcheck(self, rest: str) -> None:
        self.healthy = json.loads(self._at_port(rest.partition("CMD ")[2]))

    def _cmd(self, rest: str) -> None:
        self.command = json.loads(self._at_port(rest))


def packed() -> list[Path]:
    """The files that .dockerignore leaves, of those that are kept in Git or are about to be."""
    lines = (BASE_DIR / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    dropped = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    found = []
    for name in kept:
        place = BASE_DIR / name
        found += [path for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file()]
    parts = {path: path.relative_to(BASE_DIR).parts for path in found}
    return [
        path.relative_to(BASE_DIR)
        for path in found
        if not any(fnmatch.fnmatch(part, rule) for part in parts[path] for rule in dropped)
    ]
