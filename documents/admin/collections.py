"""Collections and categories on the admin site."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from documents import services
from documents.models import Category, Collection, Masking, Visibility
from users.editor_pages import ServiceErrorsMixin, editor_of
from users.models import Role, User
from users.permissions import EditorAdminMixin
from users.selectors import account_by_login
from utils.admin_theme import ModelAdmin, ModelForm


class CollectionForm(ModelForm[Collection]):
    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Roles that see it, where the visibility is by role. Editors and admins see every collection.",
    )

    masking = forms.ChoiceField(
        choices=Masking.choices,
        required=False,
        help_text="Masked in its passages before they leave for a provider; answers show it all the same.",
    )

    invited = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Certain people",
        help_text="User names, one a line, of those who see it where the visibility is by person.",
    )

    class Meta:
        model = Collection
        fields: ClassVar[list[str]] = ["name", "slug", "visibility", "roles", "masking"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            names = self.instance.invitations.order_by("user__username").values_list("user__username", flat=True)
            self.initial["invited"] = "\n".join(names)

    def clean_masking(self) -> str:
        """As it is, where a form says nothing of it."""
        return self.cleaned_data["masking"] or self.instance.masking

    def clean_invited(self) -> list[User]:
        wanted = self.cleaned_data["invited"].split()
        found = {name: account_by_login(name) for name in wanted}
        if unknown := [name for name, user in found.items() if user is None]:
            raise forms.ValidationError(f"No account has this name: {', '.join(unknown)}.")
        return [user for user in found.values() if user]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("visibility") == Visibility.ROLES and not cleaned.get("roles"):
            self.add_error("roles", "Name the roles that see this collection.")
        return cleaned


@admin.register(Collection)
class CollectionAdmin(ServiceErrorsMixin, EditorAdminMixin, ModelAdmin[Collection]):
    form = CollectionForm
    list_display = ("name", "slug", "visibility", "held")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    actions = None  # one by one: each says why it cannot go

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        return super().get_queryset(request).annotate(held=Count("documents"))

    @admin.display(description="Documents", ordering="held")
    def held(self, collection: Any) -> int:
        return int(collection.held)

    def save_model(self, request: HttpRequest, obj: Collection, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in CollectionForm.Meta.fields}
        actor = editor_of(request)
        if change:
            services.collection_update(actor=actor, collection=obj, **fields)
        else:
            obj.pk = services.collection_create(actor=actor, **fields).pk
        if "invited" in form.changed_data:
            services.invitations_set(actor=actor, collection=obj, users=form.cleaned_data["invited"])

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        services.collection_delete(actor=editor_of(request), collection=obj)


@admin.register(Category)
class CategoryAdmin(ServiceErrorsMixin, EditorAdminMixin, ModelAdmin[Category]):
    list_display = ("name", "held")
    search_fields = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(held=Count("documents"))

    @admin.display(description="Documents", ordering="held")
    def held(self, category: Any) -> int:
        return int(category.held)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        services.category_save(actor=editor_of(request), category=obj, name=form.cleaned_data["name"])

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        services.category_delete(actor=editor_of(request), category=obj)
