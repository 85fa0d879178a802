"""The OpenAPI schema, as YAML or, by ``?format=json``, as JSON."""

from types import SimpleNamespace

from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import DefaultContentNegotiation


class _ByFormat(DefaultContentNegotiation):
    settings = SimpleNamespace(URL_FORMAT_OVERRIDE="format")  # type: ignore[assignment]


class Schema(SpectacularAPIView):
    content_negotiation_class = _ByFormat
