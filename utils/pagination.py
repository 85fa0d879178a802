"""Lists in pages: ``?page=`` and ``?page_size=``, at most 100 a page."""

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from utils.errors import InvalidInput


class Pagination(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int | None:
        """Raises InvalidInput for what is no number above 0; more than the most is the most."""
        asked = request.query_params.get("page_size", "1")
        if not (asked.isascii() and asked.isdigit() and int(asked)):
            raise InvalidInput("A page has at least one entry.", errors={"page_size": ["A number from 1 to 100."]})
        return super().get_page_size(request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"]["minimum"] = 1
        return parameters
