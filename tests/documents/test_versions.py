"""Versions: drafts, publishing, rolling back, comparing."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from rag.models import Vector
from tests.knowledge import HOURS, LONGER, hand_in, opens_until, work
from users.models import AuditEntry


def test_a_new_version_is_answered_from_once_it_is_indexed(editor_client: APIClient, document: str) -> None:
    version = hand_in(editor_client, document, LONGER, note="An hour longer")
    assert (version["number"], version["state"], version["note"]) == (2, "published", "An hour longer")
    assert version["created_by"] == "edda"
    assert opens_until(editor_client) == "eight"
    states = [v["state"] for v in editor_client.get(f"{document}versions/").json()["results"]]
    assert states == ["published", "superseded"]


def test_a_file_can_be_a_new_version(editor_client: APIClient, document: str, tmp_path: Any) -> None:
    (tmp_path / "hours.md").write_text(LONGER)
    with (tmp_path / "hours.md").open("rb") as file:
        answer = editor_client.post(f"{document}versions/", {"file": file}, format="multipart")
    assert answer.status_code == 202
    work()
    assert opens_until(editor_client) == "eight"


def test_the_same_content_makes_no_version(editor_client: APIClient, document: str) -> None:
    answer = editor_client.post(f"{document}versions/", {"content": HOURS})
    assert (answer.status_code, answer.json()["number"]) == (200, 1)
    assert editor_client.get(f"{document}versions/").json()["count"] == 1


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": "x", "publish": "perhaps"}])
def test_a_version_that_is_not_valid_is_refused(editor_client: APIClient, document: str, body: Any) -> None:
    assert editor_client.post(f"{document}versions/", body).status_code == 400


def test_a_draft_is_searched_by_editors_only_and_only_when_they_ask(
    editor_client: APIClient, client: APIClient, document: str
) -> None:
    assert hand_in(editor_client, document, LONGER, publish=False)["state"] == "draft"
    assert opens_until(client) == "six"
    assert opens_until(editor_client) == "six"
    assert opens_until(editor_client, drafts=True) == "eight"
    refused = client.get("/api/rag/search/", {"q": "Until when is the library open?", "drafts": "true"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_a_draft_of_a_new_document_is_not_found_before_it_is_published(
    editor_client: APIClient, client: APIClient
) -> None:
    made = editor_client.post("/api/rag/index/", {"title": "Hours", "content": HOURS, "publish": False}).json()
    work()
    assert editor_client.get(f"/api/rag/index/{made['job_id']}/").json()["state"] == "done"
    query = {"q": "Until when is the library open?", "top_k": "50"}
    for mode in ("hybrid", "dense", "lexical"):
        assert client.get("/api/rag/search/", {**query, "mode": mode}).json()["results"] == []
    document = f"/api/documents/{made['documents'][0]['id']}/"
    assert editor_client.post(f"{document}versions/1/publish/").status_code == 200
    assert opens_until(client) == "six"


def test_publishing_a_draft_embeds_nothing_and_takes_effect_at_once(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER, publish=False)
    vectors = Vector.objects.count()
    answer = editor_client.post(f"{document}versions/2/publish/")
    assert (answer.status_code, answer.json()["state"]) == (200, "published")
    assert opens_until(editor_client) == "eight"
    work()
    assert opens_until(editor_client) == "eight"
    assert Vector.objects.count() == vectors


def test_publishing_an_older_version_is_the_rollback(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER)
    answer = editor_client.post(f"{document}versions/1/publish/")
    assert (answer.status_code, answer.json()["state"]) == (200, "published")
    assert opens_until(editor_client) == "six"
    assert editor_client.get(document).json()["version"] == 1
    assert editor_client.post(f"{document}versions/2/publish/").status_code == 200
    assert opens_until(editor_client) == "eight"


def test_a_rollback_is_on_record(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER)
    editor_client.post(f"{document}versions/1/publish/")
    entry = AuditEntry.objects.get(object_type="document")
    assert (entry.actor_name, entry.action, entry.detail) == ("edda", "version.publish", {"version": 1})


def test_publishing_what_is_published_changes_nothing(editor_client: APIClient, document: str) -> None:
    before = editor_client.get("/api/rag/status/").json()["revision"]
    assert editor_client.post(f"{document}versions/1/publish/").status_code == 200
    assert editor_client.get("/api/rag/status/").json()["revision"] == before


def test_a_version_that_waits_is_published_when_it_is_indexed(editor_client: APIClient, document: str) -> None:
    editor_client.post(f"{document}versions/", {"content": LONGER, "publish": False})
    assert editor_client.post(f"{document}versions/2/publish/").status_code == 202
    work()
    assert opens_until(editor_client) == "eight"


def test_a_version_that_could_not_be_indexed_cannot_be_published(editor_client: APIClient, document: str) -> None:
    assert hand_in(editor_client, document, "%PDF-1.7 and then nothing")["state"] == "failed"
    answer = editor_client.post(f"{document}versions/2/publish/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_indexed")
    assert opens_until(editor_client) == "six"


def test_a_newer_draft_takes_the_place_of_an_older_one(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER, publish=False)
    hand_in(editor_client, document, LONGER.replace("eight", "ten"), publish=False)
    states = [v["state"] for v in editor_client.get(f"{document}versions/").json()["results"]]
    assert states == ["draft", "superseded", "published"]


def test_a_discarded_draft_is_no_longer_searched_but_can_still_be_published(
    editor_client: APIClient, document: str
) -> None:
    hand_in(editor_client, document, LONGER, publish=False)
    assert editor_client.delete(f"{document}versions/2/").status_code == 204
    assert opens_until(editor_client, drafts=True) == "six"
    assert editor_client.delete(f"{document}versions/2/").json()["code"] == "not_a_draft"
    assert editor_client.post(f"{document}versions/2/publish/").status_code == 200
    assert opens_until(editor_client) == "eight"


def test_a_draft_follows_its_document_to_another_collection(editor_client: APIClient, document: str) -> None:
    editor_client.post("/api/documents/collections/", {"name": "Staff", "slug": "staff", "visibility": "members"})
    hand_in(editor_client, document, LONGER, publish=False)
    editor_client.patch(document, {"collection": "staff"})
    assert opens_until(editor_client, drafts=True, collection="staff") == "eight"


def test_the_diff_shows_what_a_version_changes_of_the_published_one(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER, publish=False)
    diff = editor_client.get(f"{document}versions/2/diff/").json()
    assert (diff["before"], diff["after"], diff["added"], diff["removed"]) == (1, 2, 1, 1)
    kinds = [stretch["kind"] for stretch in diff["stretches"]]
    assert kinds == ["same", "removed", "added"]
    assert "eight in the evening" in diff["stretches"][2]["text"]


def test_any_two_versions_can_be_compared(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER)
    diff = editor_client.get(f"{document}versions/1/diff/", {"to": 1}).json()
    assert (diff["before"], diff["after"], diff["added"]) == (1, 1, 0)
    assert editor_client.get(f"{document}versions/1/diff/", {"to": 9}).status_code == 404
    assert editor_client.get(f"{document}versions/1/diff/", {"to": "last"}).status_code == 400


def test_chunks_and_file_of_any_version_can_be_seen(editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, LONGER, publish=False)
    [chunk] = editor_client.get(f"{document}chunks/", {"version": 2}).json()["results"]
    text = editor_client.get(f"{document}versions/2/").json()["text"]
    assert text[chunk["char_start"] : chunk["char_end"]] == chunk["text"]
    old = b"".join(editor_client.get(f"{document}file/", {"version": 1}).streaming_content)  # type: ignore[attr-defined]
    assert old.decode() == HOURS


@pytest.mark.parametrize("path", ["versions/1/", "versions/1/diff/", "versions/"])
def test_versions_are_for_editors(client: APIClient, document: str, path: str) -> None:
    assert client.get(document + path).status_code == 403
    assert client.post(f"{document}versions/1/publish/").status_code == 403
