"""Asking once more before something is done, and showing what golden questions would say to it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.template.response import TemplateResponse

from documents.gate import WouldBreakQuestions
from documents.models import Document
from users.editor_pages import Trail, render_page


class Refused(NamedTuple):
    """What was not done to a document, because these golden questions would fail."""

    document: Document
    questions: Sequence[dict[str, Any]]
    """Each with ``id``, ``text`` and ``reason``."""


def refusal(document: Document, error: WouldBreakQuestions) -> Refused:
    return Refused(document, error.members["questions"])


def confirm_page(
    request: HttpRequest,
    *,
    title: str,
    trail: Trail,
    says: str,
    verb: str,
    back: str,
    subjects: Sequence[str] = (),
    refused: Sequence[Refused] = (),
    fields: Sequence[tuple[str, str]] = (),
) -> TemplateResponse:
    """A form that posts to the same address. After a refusal its button says that it is done all the same."""
    return render_page(
        request,
        "documents/admin/confirm.html",
        title="Golden questions would fail" if refused else title,
        trail=trail,
        status=409 if refused else 200,
        says=says,
        verb=verb,
        back=back,
        subjects=subjects,
        refused=refused,
        fields=fields,
    )
