"""Everything that is kept of the caller, to take away."""

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from users.permissions import caller
from users.personal_data.exporting import account_export
from utils.downloads import file_response
from utils.openapi import problems


class AccountExport(APIView):
    @extend_schema(
        operation_id="account_export",
        tags=["Accounts"],
        summary="Download all of one's data",
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, "One member for each kind of data."),
            **problems(401),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Account, conversations with citations and feedback, use by day, keys without their secrets, and all else."""
        file = account_export(user=caller(request))
        return file_response(request, file, name="grounded-export.json", content_type="application/json")
