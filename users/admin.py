"""Accounts on the admin site: the role decides, the rights on the site follow from it."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from users import services
from users.models import User


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    fieldsets = (
        (None, {"fields": ("username", "email", "password", "is_verified")}),
        ("Rights", {"fields": ("role", "is_active", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "role", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "email", "role", "is_verified", "is_active")
    list_filter = ("role", "is_verified", "is_active")
    search_fields = ("username", "email")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        services.role_assign(user=obj, role=obj.role)
