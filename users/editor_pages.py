"""Pages of the admin site that are no list or form of a model: for editors and admins, in the site's frame."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse

from users.models import Role, User
from utils.errors import GroundedError

Trail = tuple[tuple[str, str], ...]
"""The way to a page: name and address of each page above it."""
View = Callable[..., HttpResponseBase]


def is_editor(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_editor


def is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.role == Role.ADMIN


class AdminsMixin:
    """Opens a part of the admin site to admins."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_admin(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return is_admin(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class ReadMixin:
    """Shows rows that the product writes: by hand nothing is added or changed."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    has_change_permission = has_add_permission


class AdminsReadMixin(ReadMixin, AdminsMixin):
    """To read."""

    has_delete_permission = ReadMixin.has_add_permission


def editor_of(request: HttpRequest) -> User:
    """Who is asking, in a view that lets nobody in but editors."""
    if not isinstance(request.user, User) or not request.user.is_editor:
        raise PermissionDenied
    return request.user


def editor_page(view: View) -> View:
    """A view of the admin site for editors. Who is not logged in goes to its log-in; an error is shown as a page."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        editor_of(request)
        try:
            return view(request, *args, **kwargs)
        except GroundedError as error:
            return problem_page(request, error)

    return admin.site.admin_view(page)


def admin_page(view: View) -> View:
    """As :func:`editor_page`, for admins."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_admin(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return editor_page(page)


def render_page(
    request: HttpRequest, template: str, *, title: str, trail: Trail = (), status: int = 200, **context: Any
) -> TemplateResponse:
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, "trail": trail, **context}, status=status)


def problem_page(request: HttpRequest, error: GroundedError) -> TemplateResponse:
    return render_page(request, "utils/admin_problem.html", title=error.title, error=error, status=error.status)


class ServiceErrorsMixin:
    """Says why a service refused what a form of a ModelAdmin asked of it, and stays on the form."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._said(request, super().changeform_view, *args, **kwargs)  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._said(request, super().delete_view, *args, **kwargs)  # type: ignore[misc]

    def _said(self, request: HttpRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)  # type: ignore[return-value]
        except GroundedError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(request.get_full_path())
