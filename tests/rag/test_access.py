"""No asker ever receives a chunk of a collection that is not theirs, whatever is asked and whatever was changed."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from documents import publishing, services
from documents.models import Collection, Document, Visibility
from documents.selectors import drafts
from rag.retrieval import search
from rag.services import scope_for
from tests.knowledge import hand_in, submit
from users.models import Role, User
from users.services import account_create

SLUGS = ("public", "members", "editors", "admins")
ASKERS = ("visitor", "user", "editor", "admin")

collections = st.sampled_from(SLUGS)
changes = st.one_of(
    st.tuples(st.just("move"), collections, collections),
    st.tuples(st.just("show"), collections, st.sampled_from([*Visibility, *Role])),
    st.tuples(st.just("publish"), collections, st.sampled_from([1, 2])),
)
questions = st.tuples(
    st.sampled_from(ASKERS),
    st.sampled_from(["What colour is the room?", "red", "blue room", "secret colour of the admins' room"]),
    st.sampled_from([None, *SLUGS]),
    st.sampled_from([None, "FAQ", "Policy"]),
    st.sampled_from(["hybrid", "dense", "lexical"]),
    st.integers(1, 50),
    st.booleans(),
)


@pytest.fixture
def knowledge(editor_client: APIClient) -> dict[str, Document]:
    """A document with two versions in each of four collections, the second one a draft."""
    visible: dict[str, Any] = {
        "public": {"visibility": Visibility.PUBLIC},
        "members": {"visibility": Visibility.MEMBERS},
        "editors": {"visibility": Visibility.ROLES, "roles": ["editor"]},
        "admins": {"visibility": Visibility.ROLES, "roles": ["admin"]},
    }
    documents = {}
    for number, slug in enumerate(SLUGS):
        services.collection_create(name=slug, slug=slug, **visible[slug])
        text = f"# Room of the {slug}\n\nThe secret colour of the {slug}' room is red."
        made = submit(editor_client, f"Room {slug}", text, collection=slug, category=("FAQ", "Policy")[number % 2])
        address = f"/api/documents/{made['documents'][0]['id']}/"
        hand_in(editor_client, address, text.replace("red", "blue"), publish=False)
        documents[slug] = Document.objects.get(pk=made["documents"][0]["id"])
    return documents


@pytest.fixture
def askers(editor: User, user: User) -> dict[str, User | AnonymousUser]:
    admin = account_create(username="anna", email="anna@example.org", password="a long password", role=Role.ADMIN)
    return {"visitor": AnonymousUser(), "user": user, "editor": editor, "admin": admin}


def change(document: Document, kind: str, value: str | int, editor: User) -> None:
    if kind == "move":
        publishing.document_update(document=document, collection=Collection.objects.get(slug=value))
    elif kind == "publish":
        version = document.versions.get(number=value)
        publishing.version_publish(version=version, author=editor)
    else:
        collection = Collection.objects.get(slug=document.source_uri.removeprefix("Room "))
        by_role = value in Role.values
        services.collection_update(
            collection=collection,
            visibility=Visibility.ROLES if by_role else value,
            roles=[value] if by_role else [],
        )


def may_see(asker: User | AnonymousUser, collection: Collection) -> bool:
    """What is promised, said a second time: public, members', and the collections of the asker's role."""
    if not isinstance(asker, User):
        return collection.visibility == Visibility.PUBLIC
    if asker.is_editor or collection.visibility != Visibility.ROLES:
        return True
    return asker.role in collection.roles


def test_no_asker_receives_what_is_not_theirs(
    knowledge: dict[str, Document], askers: dict[str, User | AnonymousUser], editor: User
) -> None:
    seen: set[tuple[str, bool]] = set()

    @hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(changes, max_size=3), st.lists(questions, min_size=3, max_size=6))
    @example([], [(name, "blue room", None, None, "hybrid", 50, shown) for name in ASKERS for shown in (False, True)])
    def after_any_changes_under_any_filter(made: list[Any], asked: list[Any]) -> None:
        for kind, slug, value in made:
            change(knowledge[slug], kind, value, editor)
        for name, query, collection, category, mode, top_k, with_drafts in asked:
            asker = askers[name]
            scope = scope_for(asker=asker, collection=collection, category=category)
            preview = drafts() if with_drafts else None
            for hit in search(query=query, scope=scope, top_k=top_k, mode=mode, preview=preview).hits:
                document = Document.objects.select_related("collection", "category", "published").get(
                    pk=hit.chunk.version.document_id
                )
                seen.add((name, with_drafts))
                assert may_see(asker, document.collection)
                assert collection in (None, document.collection.slug)
                assert category in (None, document.category and document.category.name)
                assert with_drafts or hit.chunk.version == document.published

    after_any_changes_under_any_filter()
    assert {name for name, _ in seen} == set(ASKERS)
