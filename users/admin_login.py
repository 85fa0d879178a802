"""The admin site's log-in, limited as that of the API."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase

from users.editor_pages import problem_page
from users.limits import login_take
from utils.errors import GroundedError


def admin_login(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        try:
            login_take(request=request, login=request.POST.get("username", ""))
        except GroundedError as error:
            return problem_page(request, error)
    return admin.site.login(request)
