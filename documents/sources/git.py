"""A branch of a Git repository."""

import re
from collections.abc import Generator, Mapping
from pathlib import PurePosixPath

from documents.loading import MAX_FILE
from documents.sources.addresses import url_check
from documents.sources.base import Changed, Failed, Keep, Mark, Page, Place, SourceReader, Unchanged
from documents.sources.errors import SourceLimit, SourceNotFound
from documents.sources.folder import folder_allowed
from documents.sources.patterns import is_wanted
from documents.sources.repository import Repository, repository_path, repository_url

_LFS = b"version https://git-lfs.github.com/spec/v1"
_BRANCH = re.compile(r"(?!-)[^\x00-\x20~^:?*\[\\\x7f]{1,200}")


class GitReader(SourceReader):
    """Its pages are the files of the branch's last commit. Submodules, links and LFS objects are left out."""

    def check(self, place: Place) -> None:
        branch = place.options.get("branch", "")
        if branch and (not _BRANCH.fullmatch(branch) or ".." in branch or "@{" in branch):
            raise SourceNotFound(f"{branch!r} cannot be the name of a branch.")
        if place.location.startswith("file://"):
            folder_allowed(place.location.removeprefix("file://"))
        else:
            url_check(repository_url(place.location))

    def pages(self, place: Place, known: Mapping[str, Mark], keep: Keep) -> Generator[Page, None, None]:
        self.check(place)
        repository = Repository(repository_path(place.id))
        repository.fetch(place.location, place.options.get("branch", ""), keep)
        entries = repository.entries(str(place.options.get("folder", "")).strip("/"))
        wanted = [e for e in entries if is_wanted(e.path, place.options) and not _is_hidden(e.path)]
        if len(wanted) > place.most_pages:
            raise SourceLimit(f"The repository holds more than {place.most_pages} files that are wanted.")
        with repository.reading() as read:
            for entry in wanted:
                keep()
                uri = f"{place.location}#{entry.path}"
                if known.get(uri, Mark()).fingerprint == entry.blob:
                    yield Unchanged(uri)
                elif entry.size > MAX_FILE:
                    yield Failed(uri, "too_big", f"The file is larger than {MAX_FILE // 1_000_000} MB.")
                elif not (data := read(entry.blob)).startswith(_LFS):
                    yield Changed(uri, PurePosixPath(entry.path).name, data, Mark(entry.blob))


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
