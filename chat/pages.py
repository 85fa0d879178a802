"""The web chat's page, and the script that puts the widget on other pages. What they do is in static/chat/."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# Scripts and styles from files of this server alone; and no script may make HTML of text, ours included.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)


@require_safe
@cache_control(no_cache=True)
def web_chat(request: HttpRequest) -> HttpResponse:
    response = render(request, "chat/web.html", {"sso_name": settings.OIDC["NAME"] if settings.OIDC["ISSUER"] else ""})
    response["Content-Security-Policy"] = POLICY
    return response


@require_safe
@cache_control(public=True, max_age=300)
def widget_script(request: HttpRequest) -> HttpResponse:
    """One line, good for a script tag with and without ``type="module"``; the widget itself is modules."""
    # Whatever address the tag has us by is that of the modules too; an import alone would be relative to the page.
    tag = "document.currentScript ?? document.querySelector('script[src*=\"/api/chatbot/widget.js\"]')"
    script = f"import(new URL({json.dumps(static('chat/widget/widget.js'))}, ({tag}).src));\n"
    headers = {"Access-Control-Allow-Origin": "*"}  # for tags with type="module"; who may ask is another question
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=headers)
