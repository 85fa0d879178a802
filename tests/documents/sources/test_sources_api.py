"""Editors add, change, watch and delete sources."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from documents.models import Document, Source, SourceRun
from documents.sources.leases import source_claim
from documents.sources.syncing import KEPT_RUNS, source_sync
from tests.documents.sources.conftest import AddSource, uris
from tests.knowledge import HOURS, work


@pytest.fixture
def source(folder: Path, add: AddSource) -> dict[str, Any]:
    """A folder with one document, not synced yet."""
    (folder / "hours.md").write_text(HOURS)
    return add("folder", str(folder), slug="manuals")


def url(source: dict[str, Any], rest: str = "") -> str:
    return f"/api/documents/sources/{source['id']}/{rest}"


def test_a_source_is_added_listed_changed_and_deleted(source: dict[str, Any], editor_client: APIClient) -> None:
    assert source["secret"].startswith("whsec_")
    listed = editor_client.get("/api/documents/sources/").json()["results"]
    assert [(each["slug"], each["state"], each["documents"]) for each in listed] == [("manuals", "idle", 0)]
    assert "secret" not in listed[0]
    changed = editor_client.patch(url(source), {"name": "Manuals", "interval": 60, "options": {"include": ["*.md"]}})
    assert (changed.json()["name"], changed.json()["interval"]) == ("Manuals", 60)
    assert changed.json()["next_sync_at"]
    assert editor_client.delete(url(source)).status_code == 204
    assert editor_client.get(url(source)).status_code == 404


def test_a_worker_syncs_what_an_editor_asks_for_and_the_run_says_what_it_did(
    source: dict[str, Any], editor_client: APIClient
) -> None:
    asked = editor_client.post(url(source, "sync/"))
    assert (asked.status_code, asked.json()["state"]) == (202, "due")
    work()
    run = editor_client.get(url(source, "runs/")).json()["results"][0]
    assert (run["added"], run["error_code"]) == (1, "")
    now = editor_client.get(url(source)).json()
    assert (now["state"], now["documents"], now["last_synced_at"] is None) == ("idle", 1, False)
    assert Document.objects.get().published


def test_a_failed_sync_says_why(source: dict[str, Any], folder: Path, editor_client: APIClient) -> None:
    (folder / "hours.md").unlink()
    folder.rmdir()
    editor_client.post(url(source, "sync/"))
    work()
    now = editor_client.get(url(source)).json()
    assert (now["state"], now["error_code"]) == ("failed", "source_not_found")
    assert str(folder) in now["error_detail"]


@pytest.mark.parametrize(("fate", "left"), [("", 1), ("?documents=keep", 1), ("?documents=delete", 0)])
def test_its_documents_stay_unless_they_are_to_go_with_it(
    source: dict[str, Any], editor_client: APIClient, fate: str, left: int
) -> None:
    call_command("sync_sources")
    assert editor_client.delete(url(source) + fate).status_code == 204
    assert len(uris()) == left


def test_their_fate_is_one_of_the_two(source: dict[str, Any], editor_client: APIClient) -> None:
    assert "documents" in editor_client.delete(url(source) + "?documents=burn").json()["errors"]
    assert Source.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "not a slug"}, "slug"),
        ({"slug": "manuals"}, "slug"),
        ({"kind": "ftp"}, "kind"),
        ({"collection": "missing"}, "collection"),
        ({"category": "missing"}, "category"),
        ({"interval": 1}, "interval"),
        ({"name": ""}, "name"),
        ({"location": "x" * 401}, "location"),
        ({"options": {"maxpages": 7}}, "options.maxpages"),
        ({"options": {"max_pages": 0}}, "options.max_pages"),
        ({"options": {"include": "*.md"}}, "options.include"),
        ({"options": []}, "options.non_field_errors"),
        ({"kind": "hook"}, "kind"),
        ({"location": "elsewhere"}, "location"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(
    source: dict[str, Any], folder: Path, editor_client: APIClient, change: dict[str, Any], field: str
) -> None:
    body = {"name": "B", "slug": "b", "kind": "folder", "location": str(folder), "collection": "general"}
    answer = editor_client.post("/api/documents/sources/", body | change)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert Source.objects.count() == 1


@pytest.mark.parametrize("change", [{"kind": "git"}, {"collection": "staff"}], ids=str)
def test_kind_and_collection_stay(source: dict[str, Any], editor_client: APIClient, change: dict[str, str]) -> None:
    editor_client.post("/api/documents/collections/", {"name": "Staff", "slug": "staff"})
    assert next(iter(change)) in editor_client.patch(url(source), change).json()["errors"]


def test_a_collection_that_a_source_fills_is_not_deleted(source: dict[str, Any], editor_client: APIClient) -> None:
    answer = editor_client.delete("/api/documents/collections/general/")
    assert (answer.status_code, answer.json()["code"]) == (409, "collection_not_empty")


def test_a_running_sync_is_not_disturbed(source: dict[str, Any], folder: Path, editor_client: APIClient) -> None:
    assert source_claim(worker="host:1:a", only=Source.objects.get())
    for answer in (
        editor_client.post(url(source, "sync/")),
        editor_client.patch(url(source), {"options": {"max_pages": 3}}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "sync_running")
    assert editor_client.patch(url(source), {"name": "Other"}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"kind": "hook", "location": ""}, "nothing_to_sync"), ({"enabled": False}, "source_disabled")],
    ids=str,
)
def test_what_cannot_be_synced_is_said(
    folder: Path, add: AddSource, editor_client: APIClient, fields: dict[str, Any], code: str
) -> None:
    made = add(**{"kind": "folder", "location": str(folder), **fields})
    answer = editor_client.post(url(made, "sync/"))
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/runs/"])
def test_sources_are_for_editors(source: dict[str, Any], client: APIClient, anonymous: APIClient, path: str) -> None:
    address = "/api/documents/sources/" + path.format(**source)
    assert client.get(address).status_code == 403
    assert anonymous.get(address).status_code == 401


def test_the_last_runs_are_kept(source: dict[str, Any]) -> None:
    for _ in range(KEPT_RUNS + 3):
        claimed = source_claim(worker="host:1:a", only=Source.objects.get())
        assert claimed
        source_sync(source=claimed, worker="host:1:a")
    assert SourceRun.objects.count() == KEPT_RUNS


class TestTheCommand:
    def test_it_syncs_all_sources_and_says_what_changed(
        self, source: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("sync_sources")
        assert "manuals: 1 added, 0 changed, 0 unchanged, 0 removed, 0 skipped, 0 failed" in capsys.readouterr().out

    def test_one_source_may_be_named_even_if_it_is_disabled(
        self, source: dict[str, Any], editor_client: APIClient, capsys: pytest.CaptureFixture[str]
    ) -> None:
        editor_client.patch(url(source), {"enabled": False})
        call_command("sync_sources")
        assert capsys.readouterr().out == ""
        call_command("sync_sources", source="manuals")
        assert "1 added" in capsys.readouterr().out
        with pytest.raises(CommandError, match="'missing'"):
            call_command("sync_sources", source="missing")

    def test_it_fails_where_a_sync_fails(
        self, source: dict[str, Any], sources: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        sources["FOLDERS"] = []
        with pytest.raises(CommandError, match="1 sources could not be synced"):
            call_command("sync_sources")
        assert "address_refused" in capsys.readouterr().out

    def test_it_leaves_alone_what_a_worker_is_at(
        self, source: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert source_claim(worker="host:1:a", only=Source.objects.get())
        call_command("sync_sources")
        assert "a worker is syncing it now" in capsys.readouterr().out


class TestTheCheck:
    @pytest.mark.parametrize(
        ("name", "entry", "words"),
        [
            ("FOLDERS", "relative", "SOURCE_FOLDERS"),
            ("FOLDERS", "/does/not/exist", "SOURCE_FOLDERS"),
            ("ALLOWED_PRIVATE", "10.0.0.0/33", "SOURCE_ALLOWED_PRIVATE"),
            ("ALLOWED_PRIVATE", "http://wiki", "SOURCE_ALLOWED_PRIVATE"),
        ],
        ids=str,
    )
    def test_settings_that_cannot_be_meant_are_found(
        self, sources: dict[str, Any], name: str, entry: str, words: str
    ) -> None:
        sources[name] = [entry]
        with pytest.raises(Exception, match=words):
            call_command("check")

    def test_good_ones_pass(self, sources: dict[str, Any], tmp_path: Path) -> None:
        sources.update(FOLDERS=[str(tmp_path)], ALLOWED_PRIVATE=["10.0.0.0/8", "wiki.example", "fd00::/8", "::1"])
        call_command("check")
