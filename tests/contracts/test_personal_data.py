"""Each model that hangs on accounts is in a section of PERSONAL_DATA; one that is added later has to be decided."""

import pytest
from django.apps import apps

from tests.users.persons import hangs_on_accounts
from users.personal_data.base import sections

pytestmark = pytest.mark.once

NOT_PERSONAL: dict[str, str] = {}
"""Label of a model that hangs on accounts and tells nothing of a person, and why it does not."""


def test_every_model_that_hangs_on_accounts_is_handed_out_and_erased_by_one_section() -> None:
    covered = [label for section in sections() for label in section.models]
    hanging = {model._meta.label for model in hangs_on_accounts()}
    undecided = hanging - set(covered) - NOT_PERSONAL.keys()
    assert not undecided, "Add them to a section of PERSONAL_DATA, or to NOT_PERSONAL with the reason."
    assert len(covered) == len(set(covered))
    assert not NOT_PERSONAL.keys() & set(covered)


def test_sections_name_models_that_there_are() -> None:
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert {label for section in sections() for label in section.models} <= known


def test_what_is_known_to_hang_on_accounts_is_found() -> None:
    labels = {model._meta.label for model in hangs_on_accounts()}
    assert {"chat.Citation", "chat.Usage", "documents.Version", "users.ApiKey", "users.User_groups"} <= labels
    assert "documents.Chunk" not in labels
