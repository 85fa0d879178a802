"""`manage.py evaluate_dialogues`: how many follow-up questions find their page."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from rag.evaluation.dialogues import dialogues_read
from rag.management.commands.evaluate_dialogues import DIALOGUES
from tests.knowledge import HOURS, LOANS

TURNS = [
    {"question": "How do I renew a loan?", "kind": "first", "pages": ["loans.md"]},
    {"question": "how long does it last?", "kind": "pronoun", "pages": ["loans.md"]},
    {"question": "thanks", "kind": "chitchat", "pages": []},
    {"question": "When is the library open?", "kind": "change", "pages": ["hours.md"]},
]


def test_it_counts_by_kind_what_finds_its_page(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SCRATCH = True  # the database is a throw-away one already
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "hours.md").write_text(HOURS)
    (pages / "loans.md").write_text(LOANS)
    (tmp_path / "talk.jsonl").write_text(json.dumps({"id": "talk", "turns": TURNS}) + "\n")
    call_command("evaluate_dialogues", tmp_path / "talk.jsonl", documents=pages, json=True)
    figures = json.loads(capsys.readouterr().out)["talk"]
    assert list(figures) == ["leaning", "pronoun", "change", "chitchat", "first"]
    assert (
        figures["leaning"]["standalone"] | {"turns": 1, "top1": 1.0, "answered": 1.0, "unchanged": 0.0}
        == (figures["leaning"]["standalone"])
    )
    assert figures["change"]["standalone"]["unchanged"] == figures["change"]["standalone"]["top1"] == 1.0
    assert set(figures["leaning"]) == {"standalone", "as sent", "joined"}


def test_a_file_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.SCRATCH = True
    (tmp_path / "page.md").write_text(HOURS)
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{")
    with pytest.raises(CommandError, match="broken"):
        call_command("evaluate_dialogues", broken, documents=tmp_path)


def test_the_dialogues_that_come_with_the_product_name_pages_that_exist(settings: Settings) -> None:
    company = DIALOGUES.parent / "company"
    roots = dict.fromkeys(DIALOGUES.glob("*.jsonl"), settings.BASE_DIR / "documents")
    for path, root in (roots | {company / "company.jsonl": company / "documents"}).items():
        for dialogue in dialogues_read(path):
            for asked in dialogue.turns:
                assert bool(asked.pages) == (asked.kind != "chitchat")
                assert all((root / page).is_file() for page in asked.pages), asked
