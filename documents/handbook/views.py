"""The handbook's pages, for everybody. They are the same for whoever asks, so they may be kept by caches."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from documents.handbook.pages import page_find
from documents.handbook.writing import front_of, page_of

View = Callable[..., HttpResponse]


def _kept(view: View) -> View:
    """Asked for anew after five minutes, and answered with 304 unless it has changed."""
    kept: View = require_safe(cache_control(public=True, max_age=300)(conditional_page(view)))
    return kept


@_kept
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "documents/handbook/front.html", {**front_of(), "served": True})


@_kept
def page(request: HttpRequest, path: str) -> HttpResponse:
    found = page_find(path)
    if found is None:
        return handbook_page(request, "documents/handbook/missing.html", status=404)
    return render(request, "documents/handbook/page.html", {**page_of(found), "served": True})


def handbook_page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page in the handbook's frame that lies in one of its folders."""
    return render(request, template, {**front_of(root="../"), **context, "served": True}, status=status)
