"""As much of systemd as the shipped units need: sockets that stay open, the main process as it is told, signals."""

import configparser
import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

_FORGOTTEN = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "ENV_FILE")
# A socket becomes file 3 of the process, whose own number is told along with it. A shell cannot name files above 9.
_HANDING_ON = """
import os, sys
_, listener, program, *arguments = sys.argv
os.dup2(int(listener), 3)
os.execve(program, [program, *arguments], {**os.environ, "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"})
"""


def _read(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    return unit


class Service:
    """A unit that runs."""

    def __init__(self, path: Path, folder: Path, listener: socket.socket | None) -> None:
        self._service = _read(path)["Service"]
        self._listener, self._folder, self._name = listener, folder, path.stem
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(str(folder / f"{path.stem}.notify"))
        self.main = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        service = self._service
        environment = {name: value for name, value in os.environ.items() if name not in _FORGOTTEN}
        for line in Path(service["EnvironmentFile"]).read_text().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.partition("=")
                environment[name] = value
        name, _, value = service["Environment"].partition("=")
        environment |= {name: value, "NOTIFY_SOCKET": str(self._told.getsockname())}
        command = shlex.split(service["ExecStart"])
        handed: tuple[int, ...] = ()
        if self._listener:
            handed = (self._listener.fileno(),)
            command = [sys.executable, "-c", _HANDING_ON, str(handed[0]), *command]
        with (self._folder / f"{self._name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=service["WorkingDirectory"], env=environment, pass_fds=handed, stdout=log, stderr=log
            )
        self.main = self._process.pid

    def reload(self) -> None:
        """Returns when another process has said that it is the main one."""
        program, *arguments = shlex.split(self._service["ExecReload"])
        subprocess.run([program, *(part.replace("$MAINPID", str(self.main)) for part in arguments)], check=True)
        self._told.settimeout(180)
        while True:
            said = self._told.recv(1000).decode()
            if said.startswith("MAINPID="):
                self.main = int(said.partition("=")[2])
                return

    def stop(self) -> float:
        """Seconds that it took. Fails where systemd would have had to kill it."""
        began, main = time.monotonic(), self.main
        if not main:
            return 0.0
        self.main = 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(main, signal.SIGTERM)
        patience = float(self._service["TimeoutStopSec"])
        while _runs(main):
            if self._process:
                self._process.poll()
            if time.monotonic() - began > patience:
                os.kill(main, signal.SIGKILL)
                raise AssertionError(f"{self._name} did not end within {patience:g} seconds.")
            threading.Event().wait(0.05)
        if self._process:
            self._process.wait()
        return time.monotonic() - began

    def close(self) -> None:
        try:
            self.stop()
        finally:
            self._told.close()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Systemd:
    def __init__(self, units: Path, folder: Path) -> None:
        self._units, self._folder = units, folder
        self._services: dict[str, Service] = {}
        self._sockets: dict[str, socket.socket] = {}

    def control(self, verb: str, *names: str) -> None:
        for name in names:
            if name.endswith(".socket"):
                host, _, port = _read(self._units / name)["Socket"]["ListenStream"].partition(":")
                self._sockets[name] = socket.create_server((host, int(port)), backlog=128)
            elif name.endswith(".service"):
                getattr(self, f"_{verb}")(name)

    def stop(self, name: str) -> float:
        return self._services[name].stop()

    def main(self, name: str) -> int:
        return self._services[name].main

    def close(self) -> None:
        for service in self._services.values():
            service.close()
        for listener in self._sockets.values():
            listener.close()

    def _enable(self, name: str) -> None:
        template = name.replace("@1.", "@.")
        listener = self._sockets.get(name.replace(".service", ".socket"))
        self._services[name] = Service(self._units / template, self._folder, listener)
        self._services[name].start()

    def _reload(self, name: str) -> None:
        self._services[name].reload()

    def _restart(self, name: str) -> None:
        self._services[name].stop()
        self._services[name].start()
