"""Bare copies of Git repositories, fetched and read by the program ``git``, which is told to trust nothing.

There is no work tree, so nothing that a repository names is ever written to a path: files are read as objects.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote

import httpx2
from django.conf import settings

from documents.sources.addresses import addresses_checked, is_allowed_private, port_of, url_check
from documents.sources.base import Keep
from documents.sources.errors import (
    AddressRefused,
    SourceBroken,
    SourceLimit,
    SourceNotFound,
    SourceUnavailable,
    ToolMissing,
)
from documents.sources.folder import folder_allowed

FETCH_SECONDS = 600.0
MOST_BYTES = 2_000_000_000
_LOCAL_SECONDS = 120.0
_POLL = 0.05
_COMMIT = "refs/grounded/head"
_OLDEST = (2, 37)
"""Older ones do not know `http.curloptResolve` and would look the name up by themselves."""
_FILE_MODES = (b"100644", b"100755")  # not links, not other repositories
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.autoDetach": "false",
    "gc.pruneExpire": "now",
    # A redirect would lead past the check of the address.
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
}


def repository_path(source: str) -> Path:
    path: Path = settings.SOURCES["REPOSITORIES"] / f"{source}.git"
    return path


def _version(said: bytes) -> tuple[int, ...]:
    found = re.search(rb"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0,)


def repository_url(location: str) -> httpx2.URL:
    try:
        return httpx2.URL(location)
    except (httpx2.InvalidURL, ValueError):
        raise AddressRefused("The address of the repository is not well-formed.") from None


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    blob: str
    size: int


class Repository:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._program = shutil.which("git")
        if self._program is None:
            raise ToolMissing("The program git is not installed on the worker's machine.")

    def fetch(self, location: str, branch: str, keep: Keep) -> None:
        """The branch's last commit, without what was before it. Raises SourceError."""
        protocol, address, pin = _route(location)
        if pin and _version(self._run("version")) < _OLDEST:
            raise ToolMissing("The program git on the worker's machine is older than 2.37.")
        self._path.mkdir(parents=True, exist_ok=True)
        # What was killed may have left its locks. We hold the source's lease: nobody else is at work here.
        for lock in self._path.rglob("*.lock"):
            lock.unlink(missing_ok=True)
        self._run("init", "--bare", "--quiet")
        revision = f"refs/heads/{branch}" if branch else "HEAD"
        command = [*self._command({"http.curloptResolve": pin} if pin else {}), "fetch", "--quiet", "--depth=1"]
        command += ["--no-tags", "--no-recurse-submodules", "--", address, f"+{revision}:{_COMMIT}"]
        with TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603 - no shell, and the location stands behind --
                command,
                env=_environment(protocol),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                process_group=0,  # git has others do the work
            )
            try:
                self._watch(process, keep)
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                self.discard()
                raise
            if process.returncode:
                self.discard()  # should the copy be what is wrong, the next sync makes another
                errors.seek(0)
                raise _failure(errors.read(10_000).decode("utf-8", "replace"), branch)

    def discard(self) -> None:
        shutil.rmtree(self._path, ignore_errors=True)

    def _watch(self, process: "subprocess.Popen[bytes]", keep: Keep) -> None:
        started = time.monotonic()
        while True:
            try:
                process.wait(_POLL)
                return
            except subprocess.TimeoutExpired:
                keep()
            if time.monotonic() - started > FETCH_SECONDS:
                raise SourceLimit(f"The repository could not be fetched within {FETCH_SECONDS / 60:.0f} minutes.")
            if _size(self._path) > MOST_BYTES:
                raise SourceLimit(f"The repository is larger than {MOST_BYTES // 1_000_000} MB.")

    def entries(self, folder: str) -> Iterator[Entry]:
        tree = f"{_COMMIT}:{folder}" if folder else _COMMIT
        listing = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", tree)
        for line in listing.split(b"\0"):
            about, _, name = line.partition(b"\t")
            parts = about.split()
            if len(parts) == 4 and parts[0] in _FILE_MODES:
                try:
                    path = name.decode()
                except UnicodeDecodeError:
                    continue
                yield Entry(f"{folder}/{path}" if folder else path, parts[2].decode(), int(parts[3]))

    @contextmanager
    def reading(self) -> Iterator["_Read"]:
        process = subprocess.Popen(  # noqa: S603
            [*self._command(), "cat-file", "--batch"],
            env=_environment(""),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        questions, answers = process.stdin, process.stdout
        if questions is None or answers is None:
            raise ToolMissing("The program git cannot be spoken to.")
        with process:
            try:
                yield _Read(questions, answers)
            except SourceBroken:
                self.discard()
                raise
            finally:
                process.kill()

    def _run(self, *arguments: str) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603
                [*self._command(), *arguments],
                env=_environment(""),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LOCAL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SourceLimit("The repository is too large to be listed.") from None
        if done.returncode:
            raise SourceNotFound("The repository has no such folder, or its copy on this machine is damaged.")
        return done.stdout

    def _command(self, extra: Mapping[str, str] | None = None) -> Sequence[str]:
        options = [part for key, value in {**_SETTINGS, **(extra or {})}.items() for part in ("-c", f"{key}={value}")]
        return [str(self._program), f"--git-dir={self._path}", *options]


class _Read:
    """The content of a blob, by the protocol of ``git cat-file --batch``."""

    def __init__(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._questions, self._answers = questions, answers

    def __call__(self, blob: str) -> bytes:
        self._questions.write(blob.encode() + b"\n")
        self._questions.flush()
        head = self._answers.readline().split()
        if len(head) != 3:
            raise SourceBroken("The copy of the repository on this machine is damaged.")
        data = self._answers.read(int(head[2]))
        self._answers.read(1)
        return data


def _route(location: str) -> tuple[str, str, str]:
    """The protocol that git may speak, the address in a form that git cannot read differently, and its pin.

    The pin tells git which addresses the host has. It looks no name up by itself then, and so meets those that were
    checked. Empty: nothing is to be looked up.
    """
    if location.startswith("file://"):
        folder = folder_allowed(location.removeprefix("file://"))
        return "file", f"file://{quote(str(folder))}", ""
    url = repository_url(location)
    url_check(url)
    host, port = url.raw_host.decode("ascii"), port_of(url)
    addresses = addresses_checked(host, port)
    if url.scheme == "http" and not is_allowed_private(host, addresses):
        raise AddressRefused(f"A repository on {url.host} is read over https:// only.")
    # An address in the place of the name needs no pin.
    pin = "" if host in addresses else f"{host}:{port}:{','.join(f'[{a}]' if ':' in a else a for a in addresses)}"
    return url.scheme, str(url), pin


def _environment(protocol: str) -> dict[str, str]:
    """Nothing of the server's own environment, no configuration of its user, no questions asked."""
    return {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_ALLOW_PROTOCOL": protocol or "none",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
    }


def _failure(said: str, branch: str) -> SourceUnavailable | SourceNotFound:
    """git's own words are not shown: they may hold what a server that is not ours made up."""
    if "couldn't find remote ref" in said:
        return SourceNotFound(f"The repository has no branch {branch!r}." if branch else "The repository is empty.")
    if "not found" in said or "does not appear to be a git repository" in said:
        return SourceNotFound("There is no repository at this address.")
    if "could not read Username" in said or "Authentication failed" in said:
        return SourceUnavailable("The repository asks for a password. Only public ones can be read.")
    if "unable to update url base from redirection" in said or " 301" in said or " 302" in said:
        return SourceUnavailable("The repository has moved. Give the address that it is redirected to.")
    return SourceUnavailable("The repository could not be fetched.")


def _size(path: Path) -> int:
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except FileNotFoundError:
                continue
    return total
