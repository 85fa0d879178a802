"""A machine on which the page's commands are run as they stand there, below a folder of its own."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from config.env import BASE_DIR
from tests.deployment.units import Systemd
from tests.loopback.website import CERTIFICATE

NAME = "site.example"
"""What the certificate is made out to."""
_THERE = ("apt-get ", "useradd ", "runuser --user postgres ", "systemctl daemon-reload")
"""What a test does not do to the machine that it runs on: programs, accounts and the database are there."""
_PACKAGES = (".venv/bin/pip install ",)
"""The packages of the tests are those of requirements.txt, and more."""
_SHIPPED = ("config", "deploy", "manage.py", ".env.example", "requirements.txt", "pyproject.toml")
_ROOMS = ("background_tasks", "chat", "documents", "learning", "rag", "users", "utils")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _assignments(path: Path) -> list[tuple[str, str, str]]:
    lines = path.read_text().splitlines()
    return [line.partition("=") for line in lines if line and not line.startswith("#")]


class Machine:
    def __init__(self, root: Path, settings: dict[str, str]) -> None:
        self.root = root
        self.inside, self.plain, self.outside = free_port(), free_port(), free_port()
        self._settings = settings
        self._here = root
        self._done: set[str] = set()
        self._nginx: subprocess.Popen[bytes] | None = None
        self._written = {
            "/opt/grounded": f"{root}/opt/grounded",
            "/etc/": f"{root}/etc/",
            "/var/lib/grounded": f"{root}/var/lib/grounded",
            "runuser --user grounded -- ": "",
            " -o grounded": "",
            " -g grounded": "",
            "127.0.0.1:8000": f"127.0.0.1:{self.inside}",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.outside} ssl;",
            "chat.example.org": NAME,
        }
        for folder in ("etc/systemd/system", "etc/nginx/conf.d", f"etc/letsencrypt/live/{NAME}", "var/lib", "log"):
            (root / folder).mkdir(parents=True)
        for part in ("fullchain.pem", "privkey.pem"):
            shutil.copy(CERTIFICATE, root / "etc" / "letsencrypt" / "live" / NAME / part)
        self.systemd = Systemd(root / "etc" / "systemd" / "system", root / "log")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._nginx:
            self._nginx.terminate()
            self._nginx.wait()
        self.systemd.close()

    def run(self, command: str) -> None:
        """One line of the page. What changes nothing the second time is not run again."""
        if command.startswith((*_THERE, *_PACKAGES)) or command in self._done:
            return
        words = command.split()
        if words[0] == "cd":
            self._here = Path(self._as_here(words[1]))
        elif words[:2] == ["git", "clone"]:
            self._lay(Path(self._as_here(words[-1])))
        elif command == "python3 -m venv .venv":
            (self._here / ".venv").symlink_to(sys.prefix)
        elif words[0] == "systemctl" and words[-1] == "nginx":
            self._serve()
        elif words[0] == "systemctl":
            self.systemd.control(words[1], *words[2:])
        elif command == "nginx -t":
            subprocess.run([*self._nginx_command(), "-t"], check=True, capture_output=True)
        else:
            self._call(command)
        if command.startswith("install ") and command.endswith("/etc/grounded/env"):
            self._fill_in()
        if command.endswith(("check --deploy", "collectstatic --noinput")):
            self._done.add(command)

    def _call(self, command: str) -> None:
        command = self._as_here(command).replace("NAME EMAIL", "ada ada@example.org")
        environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        done = subprocess.run(["sh", "-c", command], cwd=self._here, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def _as_here(self, text: str) -> str:
        for written, here in self._written.items():
            text = text.replace(written, here)
        return text

    def _lay(self, release: Path) -> None:
        """A release, whose files in deploy/ name the places of this machine."""
        release.mkdir(parents=True)
        for name in (*_ROOMS, *_SHIPPED):
            origin = BASE_DIR / name
            if origin.is_dir():
                shutil.copytree(origin, release / name)
            else:
                shutil.copy(origin, release / name)
        for path in (release / "deploy").rglob("*"):
            if path.is_file() and (path.name == "manage" or path.parent.name in ("systemd", "nginx")):
                path.write_text(self._as_here(path.read_text()))

    def _fill_in(self) -> None:
        """As somebody does with an editor."""
        path = self.root / "etc" / "grounded" / "env"
        wanted = dict(self._settings)
        lines = [f"{name}={wanted.pop(name, value)}" for name, _, value in _assignments(path)]
        path.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in wanted.items())]) + "\n")

    def _nginx_command(self) -> list[str]:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
        assert program
        folder = self.root / "log"
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {folder};" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}"
            f"http {{ access_log off; {places} include {self.root}/etc/nginx/conf.d/*.conf; }}"
        )
        return [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]

    def _serve(self) -> None:
        self._nginx = subprocess.Popen(self._nginx_command())
        for _ in range(200):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.outside)):
                    return
            threading.Event().wait(0.05)
        raise AssertionError("nginx did not start.")
