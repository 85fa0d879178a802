"""Accounts on the admin site, whose role decides what they may do there, their keys, and the trail of who did what."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from users import services
from users.api_keys import api_key_revoke
from users.audit import audit_record, state_of
from users.editor_pages import AdminsReadMixin, ServiceErrorsMixin, editor_of
from users.erasing import account_erase
from users.models import ApiKey, AuditEntry, User
from users.second_factor.admin_site import admin_site_guard, second_factors_reset
from utils.admin_theme import ModelAdmin
from utils.errors import GroundedError


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[misc]  # untyped
    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        services.tokens_revoke_all(user=user)
        return user


admin_site_guard()


@admin.register(User)
class AccountAdmin(ServiceErrorsMixin, UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """To delete an account is to erase it, with all that it wrote."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = PasswordForm
    fieldsets = (
        (None, {"fields": ("username", "email", "new_email", "password", "is_verified")}),
        ("Rights", {"fields": ("role", "is_active", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "role", "password1", "password2")}),)
    readonly_fields = ("new_email", "last_login", "date_joined")
    list_display = ("username", "address", "role", "is_verified", "is_active")
    list_filter = ("role", "is_verified", "is_active")
    search_fields = ("username", "email", "new_email")
    actions = (second_factors_reset,)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "email" in form.base_fields:  # not so for who may only look
            form.base_fields["email"].required = obj is None or bool(obj.email)
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_verified = obj.is_verified or not change  # whoever makes an account for somebody vouches for the address
        services.role_assign(user=obj, role=obj.role, actor=editor_of(request))

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        user = self.get_object(request, id)
        response = super().user_change_password(request, id, form_url)
        if user and state_of(user, ["password"]) != {"password": user.password}:
            actor = editor_of(request)
            audit_record(actor=actor, action="account.password", object_type="account", object_id=id, subject=user)
        return response

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        account_erase(user=obj, actor=editor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            try:
                account_erase(user=user, actor=editor_of(request))
            except GroundedError as error:
                messages.error(request, f"{user}: {error.detail}")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with an account is more than its relations say, and needs no permission of its own."""
        told = [f"{user} with all that is kept of this account" for user in objs]
        return told, {User._meta.verbose_name_plural: len(told)}, set(), []


@admin.register(ApiKey)
class ApiKeyAdmin(AdminsReadMixin, ModelAdmin[ApiKey]):
    """To read and to revoke, for admins. Keys are made by their owners only."""

    list_display = ("name", "user", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "prefix", "user__username", "user__email")
    exclude = ("digest",)
    list_select_related = ("user",)
    actions = ("revoke",)

    @admin.action(description="Revoke the selected API keys", permissions=["view"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys.select_related("user"):
            api_key_revoke(api_key=key, actor=editor_of(request))


@admin.register(AuditEntry)
class AuditEntryAdmin(AdminsReadMixin, ModelAdmin[AuditEntry]):
    """To read, for admins."""

    list_display = ("at", "actor_name", "action", "object_type", "object_id", "address")
    list_filter = ("action", "object_type")
    list_filter_sheet = True
    search_fields = ("actor_name", "object_id", "request_id")
    date_hierarchy = "at"
    exclude = ("actor_salt", "object_salt", "actor_digest", "object_digest")
