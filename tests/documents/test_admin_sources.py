"""Sources on the admin site."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from documents.models import Document, Source, SourceState
from documents.services import collection_default
from documents.sources.syncing import sources_sync_due
from tests.knowledge import HOURS

PAGE = "/admin/documents/source/"


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """A folder that the operator has opened, with a file in it."""
    folder = tmp_path / "opened"
    folder.mkdir()
    (folder / "hours.md").write_text(HOURS)
    settings.SOURCES = {"FOLDERS": [str(folder)], "ALLOWED_PRIVATE": [], "REPOSITORIES": tmp_path / "repositories"}
    return folder


def form(folder: Path, **fields: Any) -> dict[str, Any]:
    runs = {"runs-TOTAL_FORMS": 0, "runs-INITIAL_FORMS": 0}
    asked = {"name": "Files", "slug": "files", "kind": "folder", "location": str(folder), "options": "{}"}
    return {**asked, "collection": collection_default().pk, "enabled": "on", **runs, **fields}


@pytest.fixture
def source(site: Client, folder: Path) -> Source:
    assert site.post(f"{PAGE}add/", form(folder)).status_code == 302
    return Source.objects.get()


def act(site: Client, source: Source, action: str) -> str:
    """Choose the source in the list and have something done to it. Returns the page that comes next."""
    return site.post(PAGE, {"action": action, "_selected_action": [source.pk]}, follow=True).content.decode()


def test_a_source_is_added_and_its_secret_is_shown_once(site: Client, folder: Path) -> None:
    page = site.post(f"{PAGE}add/", form(folder), follow=True).content.decode()
    source = Source.objects.get()
    assert (source.name, source.location, source.created_by and source.created_by.username) == (
        "Files",
        str(folder),
        "edda",
    )
    assert "is shown this once: " in page
    assert "is shown this once: " not in site.get(PAGE).content.decode()


def test_a_folder_that_is_not_opened_is_refused(site: Client, folder: Path) -> None:
    page = site.post(f"{PAGE}add/", form(folder, location="/etc"), follow=True).content.decode()
    assert not Source.objects.exists()
    assert "SOURCE_FOLDERS" in page


def test_an_interval_that_is_too_short_is_refused(site: Client, folder: Path) -> None:
    page = site.post(f"{PAGE}add/", form(folder, interval="1")).content.decode()
    assert "From 5 minutes to a year." in page
    assert not Source.objects.exists()


def test_an_option_that_does_not_exist_is_named(site: Client, folder: Path) -> None:
    page = site.post(f"{PAGE}add/", form(folder, options='{"max_page": 5}')).content.decode()
    assert "max_page: There is no such option." in page
    assert not Source.objects.exists()


def test_a_source_is_synced_when_an_editor_says_so_and_shows_what_that_did(site: Client, source: Source) -> None:
    assert "a worker syncs it as soon as one is free" in act(site, source, "sync")
    source.refresh_from_db()
    assert source.state == SourceState.DUE
    sources_sync_due(worker="host:1:a")
    assert Document.objects.get().source_uri.endswith("hours.md")
    page = site.get(f"{PAGE}{source.pk}/change/").content.decode()
    assert "Syncs" in page
    assert str(source.location) in site.get(PAGE).content.decode()


def test_a_source_is_renamed_and_stays_what_it_is(site: Client, source: Source, folder: Path) -> None:
    site.post(f"{PAGE}{source.pk}/change/", form(folder, name="Our files", kind="git"))
    source.refresh_from_db()
    assert (source.name, source.kind) == ("Our files", "folder")


def test_a_new_secret_takes_the_place_of_the_old_one(site: Client, source: Source) -> None:
    before = source.secret_nonce
    assert "is shown this once: " in act(site, source, "renew_secret")
    source.refresh_from_db()
    assert source.secret_nonce != before


def test_a_source_that_is_deleted_leaves_its_documents(site: Client, source: Source) -> None:
    act(site, source, "sync")
    sources_sync_due(worker="host:1:a")
    site.post(f"{PAGE}{source.pk}/delete/", {"post": "yes"})
    assert not Source.objects.exists()
    assert Document.objects.count() == 1
