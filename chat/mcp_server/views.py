"""``/mcp/``: who asks is settled here, as for any address; what is asked, by the protocol's SDK."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.views import APIView

from users.permissions import caller
from utils.errors import InvalidInput
from utils.openapi import problems
from utils.waiting import waited


class McpEndpoint(APIView):
    @extend_schema(
        tags=["MCP"],
        operation_id="mcp_message",
        summary="A message of the Model Context Protocol",
        request=OpenApiTypes.OBJECT,
        responses={
            200: OpenApiTypes.OBJECT,
            202: OpenApiResponse(description="A notification was taken."),
            (400, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT, "An error of JSON-RPC."),
            **problems(400, 401, 403),
        },
        examples=[
            OpenApiExample(
                "Which tools are there?", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> HttpResponse:
        """Streamable HTTP without sessions, answered as JSON. The tools are `search_knowledge_base` and `ask`."""
        # Imported when it is first used: the SDK takes half a second and 26 MB, and most installations need it never.
        from chat.mcp_server.serving import reply

        user, headers, body = caller(request), request.headers, request.body
        told = waited(reply(user=user, headers=headers, body=body))
        if "content-type" not in told.headers and told.status >= status.HTTP_400_BAD_REQUEST:
            raise InvalidInput(told.body.decode())  # in words of the SDK
        return HttpResponse(told.body, status=told.status, headers=told.headers)
