"""Collections and categories on the admin site."""

from django.test import Client

from documents.models import Category, Collection
from users.models import User

COLLECTIONS, CATEGORIES = "/admin/documents/collection/", "/admin/documents/category/"


def test_a_collection_for_certain_roles_is_made_and_changed(site: Client) -> None:
    fields = {"name": "Staff", "slug": "staff", "visibility": "roles", "roles": ["editor"]}
    site.post(f"{COLLECTIONS}add/", fields)
    staff = Collection.objects.get()
    assert staff.roles == ["editor"]
    site.post(f"{COLLECTIONS}{staff.pk}/change/", fields | {"name": "Our staff", "roles": ["editor", "user"]})
    staff.refresh_from_db()
    assert (staff.name, staff.roles) == ("Our staff", ["editor", "user"])


def test_a_collection_for_certain_roles_names_them(site: Client) -> None:
    answer = site.post(f"{COLLECTIONS}add/", {"name": "Staff", "slug": "staff", "visibility": "roles"})
    assert "Name the roles" in answer.content.decode()
    assert not Collection.objects.exists()


def test_a_collection_that_holds_documents_stays(site: Client, hours: str) -> None:
    general = Collection.objects.get()
    site.post(f"{COLLECTIONS}{general.pk}/delete/", {"post": "yes"})
    assert Collection.objects.exists()


def test_an_empty_collection_is_deleted(site: Client) -> None:
    empty = Collection.objects.create(name="Empty", slug="empty")
    site.post(f"{COLLECTIONS}{empty.pk}/delete/", {"post": "yes"})
    assert not Collection.objects.exists()


def test_a_category_is_made_renamed_and_deleted(site: Client) -> None:
    site.post(f"{CATEGORIES}add/", {"name": "Recipe"})
    recipe = Category.objects.get(name="Recipe")
    site.post(f"{CATEGORIES}{recipe.pk}/change/", {"name": "Recipes"})
    recipe.refresh_from_db()
    assert recipe.name == "Recipes"
    site.post(f"{CATEGORIES}{recipe.pk}/delete/", {"post": "yes"})
    assert not Category.objects.filter(pk=recipe.pk).exists()


def test_two_categories_of_one_name_are_refused(site: Client) -> None:
    site.post(f"{CATEGORIES}add/", {"name": "faq"})
    assert Category.objects.filter(name__iexact="faq").count() == 1


def test_what_is_masked_is_chosen_and_stays_where_nothing_is_said_of_it(site: Client) -> None:
    fields = {"name": "Staff", "slug": "staff", "visibility": "members"}
    site.post("/admin/documents/collection/add/", {**fields, "masking": "all"})
    collection = Collection.objects.get(slug="staff")
    assert collection.masking == "all"
    site.post(f"/admin/documents/collection/{collection.pk}/change/", {**fields, "name": "All staff"})
    collection.refresh_from_db()
    assert (collection.name, collection.masking) == ("All staff", "all")


def test_who_sees_a_collection_of_certain_people_is_named(site: Client, user: User) -> None:
    fields = {"name": "Course", "slug": "course", "visibility": "invited"}
    answer = site.post(f"{COLLECTIONS}add/", {**fields, "invited": "ada\nnobody"})
    assert "No account has this name: nobody." in answer.content.decode()
    site.post(f"{COLLECTIONS}add/", {**fields, "invited": "ada"})
    course = Collection.objects.get(slug="course")
    assert [invitation.user for invitation in course.invitations.all()] == [user]
    assert "ada</textarea>" in site.get(f"{COLLECTIONS}{course.pk}/change/").content.decode()
    site.post(f"{COLLECTIONS}{course.pk}/change/", fields)
    assert not course.invitations.exists()
