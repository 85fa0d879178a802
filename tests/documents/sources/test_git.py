"""A Git repository is a source: the files of a branch's last commit become documents."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Document, Version
from documents.sources import repository as repositories
from tests.documents.sources.conftest import AddSource, counts, uris
from tests.knowledge import HOURS, LOANS
from tests.loopback.repository import Repository, RepositoryServer

Sync = Callable[..., dict[str, Any]]


@pytest.fixture
def repository(folder: Path) -> Repository:
    """With two documents, in a folder that the operator has opened."""
    made = Repository(folder / "repo")
    made.commit(hours_md=HOURS, docs__loans_md=LOANS)
    return made


@pytest.fixture
def location(repository: Repository) -> str:
    return f"file://{repository.path}"


def test_its_files_become_documents_that_name_repository_and_path(
    location: str, add: AddSource, sync: Sync, editor_client: APIClient
) -> None:
    add("git", location)
    assert counts(sync(index=True)) == {"added": 2}
    assert uris() == [f"{location}#docs/loans.md", f"{location}#hours.md"]
    found = editor_client.get("/api/rag/search/", {"q": "How many books may a reader borrow?"}).json()["results"]
    assert found[0]["source_uri"] == f"{location}#docs/loans.md"


def test_changed_files_are_taken_in_and_removed_ones_retired(
    repository: Repository, location: str, add: AddSource, sync: Sync
) -> None:
    add("git", location)
    sync()
    assert counts(sync()) == {"unchanged": 2}
    repository.commit(hours_md=f"{HOURS} And on Saturdays.", docs__loans_md=None, docs__new_md="# New\n\nSomething.")
    assert counts(sync()) == {"added": 1, "changed": 1, "removed": 1}
    assert Version.objects.get(document__source_uri=f"{location}#hours.md", number=2)


def test_a_branch_and_a_folder_may_be_chosen(repository: Repository, location: str, add: AddSource, sync: Sync) -> None:
    repository.git("checkout", "--quiet", "-b", "next")
    repository.commit(docs__next_md="# Next\n\nSomething.")
    repository.git("checkout", "--quiet", "main")
    add("git", location, options={"branch": "next", "folder": "docs"})
    sync()
    assert uris() == [f"{location}#docs/loans.md", f"{location}#docs/next.md"]


@pytest.mark.parametrize("options", [{"branch": "missing"}, {"folder": "missing"}, {"folder": "../.."}])
def test_what_is_not_there_is_an_error_that_removes_nothing(
    location: str, add: AddSource, sync: Sync, editor_client: APIClient, options: dict[str, str]
) -> None:
    identity = add("git", location)["id"]
    sync()
    editor_client.patch(f"/api/documents/sources/{identity}/", {"options": options})
    assert sync()["error_code"] == "source_not_found"
    assert len(uris()) == 2


def test_links_hidden_files_large_file_pointers_and_other_repositories_are_left_out(
    repository: Repository, location: str, tmp_path: Path, add: AddSource, sync: Sync
) -> None:
    (repository.path / "link.md").symlink_to("/etc/hostname")
    (repository.path / "big.md").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    (repository.path / ".github").mkdir()
    (repository.path / ".github" / "readme.md").write_text("# Hidden")
    inner = Repository(repository.path / "inner")
    inner.commit(inner_md="# Inner")
    repository.commit()
    add("git", location)
    assert counts(sync()) == {"added": 2}


@pytest.mark.parametrize("branch", ["-x", "--upload-pack=touch x", "a b", "a..b", "a:b", "a~1", "HEAD@{1}", "a\tb"])
def test_a_branch_cannot_be_an_option_or_anything_else(
    location: str, folder: Path, editor_client: APIClient, branch: str
) -> None:
    editor_client.post("/api/documents/collections/", {"name": "General", "slug": "general"})
    body = {"name": "A", "slug": "a", "kind": "git", "location": location, "collection": "general"}
    answer = editor_client.post("/api/documents/sources/", {**body, "options": {"branch": branch}})
    assert (answer.status_code, answer.json()["code"]) == (400, "source_not_found")


@pytest.mark.parametrize(
    "location",
    [
        "/etc",
        "--upload-pack=touch /tmp/x",
        "ext::sh -c touch% /tmp/x",
        "git@example.org:a/b.git",
        "ssh://example.org/a.git",
        "git://example.org/a.git",
        "file:///etc",
        "file://{opened}/%2e%2e/elsewhere",
    ],
)
def test_other_ways_to_a_repository_are_closed(
    folder: Path, add: AddSource, sync: Sync, editor_client: APIClient, location: str
) -> None:
    Repository(folder.parent / "elsewhere").commit(secret_md="# Secret")
    editor_client.post("/api/documents/collections/", {"name": "General", "slug": "general"})
    body = {"name": "A", "slug": "a", "kind": "git", "collection": "general"}
    answer = editor_client.post("/api/documents/sources/", {**body, "location": location.format(opened=folder)})
    if answer.status_code == 201:  # it may be a path below the folder, read as it is written
        assert sync()["error_code"]
        assert uris() == []
    else:
        assert answer.json()["code"] == "address_refused"


def test_what_a_killed_fetch_left_is_no_hindrance(
    repository: Repository, location: str, add: AddSource, sync: Sync
) -> None:
    path = repositories.repository_path(add("git", location)["id"])
    sync()
    for name in ("shallow.lock", "refs/grounded/head.lock", "config.lock"):
        (path / name).touch()
    repository.commit(hours_md="# Hours\n\nOther hours.")
    assert counts(sync()) == {"changed": 1, "unchanged": 1}


def test_a_fetch_that_takes_too_long_or_too_much_is_stopped(
    repository: Repository,
    folder: Path,
    sources: dict[str, Any],
    add: AddSource,
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources["ALLOWED_PRIVATE"] = ["127.0.0.0/8"]
    with RepositoryServer(repository) as server:
        add("git", f"{server.url}/repo.git")
        monkeypatch.setattr(repositories, "FETCH_SECONDS", 0.2)
        server.fail_next("hang")
        run = sync()
        assert (run["error_code"], "minutes" in run["error_detail"]) == ("source_limit", True)
        monkeypatch.setattr(repositories, "FETCH_SECONDS", 60)
        monkeypatch.setattr(repositories, "MOST_BYTES", 10)
        server.fail_next("hang")
        assert "MB" in sync()["error_detail"]


def test_it_is_deleted_from_the_disk_with_its_source(
    location: str, add: AddSource, sync: Sync, editor_client: APIClient
) -> None:
    identity = add("git", location)["id"]
    sync()
    path = repositories.repository_path(identity)
    assert path.is_dir()
    editor_client.delete(f"/api/documents/sources/{identity}/")
    assert not path.exists()


def test_without_the_program_the_error_says_so(
    location: str, add: AddSource, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("git", location)
    monkeypatch.setenv("PATH", "/nonexistent")
    run = sync()
    assert (run["error_code"], "git" in run["error_detail"]) == ("tool_missing", True)


class TestOverHttp:
    @pytest.fixture
    def server(self, repository: Repository, sources: dict[str, Any]) -> Any:
        with RepositoryServer(repository) as server:
            yield server

    def test_it_is_fetched_from_the_address_that_was_checked(
        self,
        server: RepositoryServer,
        sources: dict[str, Any],
        add: AddSource,
        sync: Sync,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The name is known to this process alone: git could not look it up."""
        real = socket.getaddrinfo

        def look_up(host: str, *args: Any, **options: Any) -> Any:
            return real("127.0.0.1" if host == "git.example" else host, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        sources["ALLOWED_PRIVATE"] = ["git.example"]
        add("git", server.url.replace("127.0.0.1", "git.example") + "/repo.git")
        assert counts(sync()) == {"added": 2}
        assert Document.objects.count() == 2

    def test_this_machine_is_refused(self, server: RepositoryServer, add: AddSource, sync: Sync) -> None:
        add("git", server.url.replace("127.0.0.1", "localhost") + "/repo.git")
        assert sync()["error_code"] == "address_refused"
        assert server.requests == []

    def test_it_does_not_follow_a_redirect(
        self, server: RepositoryServer, sources: dict[str, Any], add: AddSource, sync: Sync
    ) -> None:
        sources["ALLOWED_PRIVATE"] = ["127.0.0.1/32"]
        server.moved_to = "http://169.254.169.254/repo.git"
        add("git", f"{server.url}/repo.git")
        run = sync()
        assert (run["error_code"], "moved" in run["error_detail"]) == ("source_unavailable", True)

    def test_a_repository_that_is_not_there_is_said_to_be_so(
        self, server: RepositoryServer, sources: dict[str, Any], add: AddSource, sync: Sync
    ) -> None:
        sources["ALLOWED_PRIVATE"] = ["127.0.0.1/32"]
        add("git", f"{server.url}/other.git")
        assert sync()["error_code"] == "source_not_found"
