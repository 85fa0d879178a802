"""How states and errors of versions look on the admin site."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from documents.models import PENDING_STATES, State
from documents.remedies import remedy

register = template.Library()
_TONES = {
    State.PUBLISHED: "good",
    State.FAILED: "bad",
    State.QUARANTINED: "bad",
    State.DRAFT: "draft",
    State.SUPERSEDED: "plain",
} | dict.fromkeys(PENDING_STATES, "busy")


@register.simple_tag
def state_badge(state: str, error_code: str = "") -> SafeString:
    """The state in words and colour, with the code of what went wrong."""
    if not state:
        return format_html('<span class="g-badge g-plain">{}</span>', "No version")
    badge = format_html('<span class="g-badge g-{}">{}</span>', _TONES[State(state)], State(state).label)
    return format_html('<span>{} <code class="g-code">{}</code></span>', badge, error_code) if error_code else badge


@register.filter
def hint(code: str) -> str:
    return remedy(code)
