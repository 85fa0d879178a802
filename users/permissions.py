"""What a role may do."""

from django.http import HttpRequest
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from users.models import ApiKey, Role, User


def caller(request: Request) -> User:
    """Who is asking, in a view that lets nobody in without an account."""
    assert isinstance(request.user, User)  # noqa: S101 - the permission classes have seen to it
    return request.user


class IsEditor(BasePermission):
    """Editors and admins, in person: their API keys have no more rights than a user's."""

    message = "This is for content editors."

    def has_permission(self, request: Request, view: object) -> bool:
        if isinstance(request.auth, ApiKey):
            return False
        return isinstance(request.user, User) and request.user.is_editor


class IsAdmin(BasePermission):
    """Admins in person."""

    message = "This is for admins."

    def has_permission(self, request: Request, view: object) -> bool:
        if isinstance(request.auth, ApiKey):
            return False
        return isinstance(request.user, User) and request.user.role == Role.ADMIN


class EditorAdminMixin:
    """Opens a part of the admin site to editors. What may be done there is narrowed by the class that mixes it in."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_editor

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission
