"""A Git repository that a test commits to, and a server of it by Git's own protocol over HTTP."""

import gzip
import subprocess
from pathlib import Path

from tests.loopback.server import LoopbackServer
from tests.loopback.wire import Failure, Reply, Request

_NAME = {"GIT_AUTHOR_NAME": "Edda", "GIT_AUTHOR_EMAIL": "edda@example.org"}
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin:/usr/local/bin",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    **_NAME,
    **{name.replace("AUTHOR", "COMMITTER"): value for name, value in _NAME.items()},
}


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, data: bytes | None = None) -> bytes:
        return subprocess.run(
            ["git", *arguments], cwd=self.path, env=_ENVIRONMENT, input=data, check=True, capture_output=True
        ).stdout

    def commit(self, **files: str | None) -> None:
        """Files by their paths, ``__`` for a slash and ``_`` for a dot (``docs__loans_md``); None removes one."""
        for name, text in files.items():
            path = self.path / name.replace("__", "/").replace("_", ".")
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=A change")


class RepositoryServer(LoopbackServer):
    """``git upload-pack`` behind the smart HTTP protocol, at /repo.git."""

    def __init__(self, repository: Repository) -> None:
        super().__init__()
        self._repository = repository
        self.moved_to = ""

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        if self.moved_to:
            return Reply(b"", 301, {"Location": f"{self.moved_to}/info/refs?service=git-upload-pack"})
        if request.path == "/repo.git/info/refs" and request.query.get("service") == "git-upload-pack":
            refs = self._repository.git("upload-pack", "--stateless-rpc", "--advertise-refs", ".")
            head = b"001e# service=git-upload-pack\n0000"
            return Reply(head + refs, 200, {"Content-Type": "application/x-git-upload-pack-advertisement"})
        if request.path == "/repo.git/git-upload-pack":
            raw = gzip.decompress(request.raw) if request.headers.get("content-encoding") == "gzip" else request.raw
            pack = self._repository.git("upload-pack", "--stateless-rpc", ".", data=raw)
            return Reply(pack, 200, {"Content-Type": "application/x-git-upload-pack-result"})
        return Reply(b"There is no such thing.", 404)
