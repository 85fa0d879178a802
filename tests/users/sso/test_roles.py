"""The provider's word about roles counts where the operator has said so, and nowhere else."""

from typing import Any

import pytest

from tests.loopback.oidc import LoopbackOidc
from tests.users.sso.conftest import Browser
from users.models import AuditEntry, Role, User
from users.services import role_assign


@pytest.fixture
def _mapped(provider: LoopbackOidc, settings: Any) -> None:
    roles = {"kb-editors": "editor", "kb-admins": "admin"}
    settings.OIDC = {**settings.OIDC, "ROLE_CLAIM": "groups", "ROLES": roles}


def role_after_log_in() -> str:
    answer = Browser().log_in()
    assert answer.status_code == 200, answer.content
    return User.objects.get().role


@pytest.mark.usefixtures("_mapped")
@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["kb-editors"], "editor"),
        (["staff", "kb-admins", "kb-editors"], "admin"),
        ("kb-editors", "editor"),
        (["staff"], "user"),
        ([], "user"),
        ("kb-editors,kb-admins", "user"),
        ([["kb-admins"]], "user"),
        ({"kb-admins": True}, "user"),
        (None, "user"),
    ],
)
def test_the_highest_role_of_the_groups_is_given(provider: LoopbackOidc, groups: Any, role: str) -> None:
    provider.person["groups"] = groups
    assert role_after_log_in() == role
    assert User.objects.get().is_staff == (role != "user")


@pytest.mark.usefixtures("_mapped")
def test_it_follows_the_groups_at_each_log_in_on_record(provider: LoopbackOidc) -> None:
    provider.person["groups"] = ["kb-admins"]
    assert role_after_log_in() == "admin"
    provider.person["groups"] = []
    assert role_after_log_in() == "user"
    entry = AuditEntry.objects.get(action="external_identity.role")
    assert (entry.detail["before"], entry.detail["role"]) == ("admin", "user")


def test_a_claim_may_lie_within_another(provider: LoopbackOidc, settings: Any) -> None:
    settings.OIDC = {**settings.OIDC, "ROLE_CLAIM": "realm_access.roles", "ROLES": {"kb": "editor"}}
    provider.person["realm_access"] = {"roles": ["kb"]}
    assert role_after_log_in() == "editor"
    provider.person["realm_access"] = ["kb"]
    assert role_after_log_in() == "user"


def test_without_a_mapping_no_role_is_touched(provider: LoopbackOidc) -> None:
    provider.person |= {"groups": ["kb-admins"], "role": "admin", "roles": ["admin"]}
    assert role_after_log_in() == "user"
    role_assign(user=User.objects.get(), role=Role.EDITOR)
    assert role_after_log_in() == "editor"
    assert not AuditEntry.objects.filter(action="external_identity.role").exists()
