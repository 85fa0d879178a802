"""One's own API keys."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users import selectors
from users.api_keys import api_key_create, api_key_revoke
from users.models import ApiKey
from users.permissions import caller
from users.serializers import ApiKeyMadeSerializer, ApiKeySerializer
from utils.openapi import problems
from utils.serializers import valid

_TAGS = ["API keys"]
_KEY = {
    "id": "0190a1b2-0000-7000-8000-000000000000",
    "name": "Notebook",
    "prefix": "gk_3vN8sQk2LwZp",
    "scopes": ["chat", "search"],
    "created_at": "2026-01-31T09:00:00Z",
    "expires_at": "2026-12-31T00:00:00Z",
    "last_used_at": None,
}


class ApiKeyList(generics.ListAPIView[ApiKey]):
    serializer_class = ApiKeySerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return ApiKey.objects.none()
        return selectors.api_keys_of(caller(self.request))

    @extend_schema(
        tags=_TAGS,
        operation_id="api_keys_list",
        summary="Own API keys",
        responses={200: ApiKeySerializer(many=True), **problems(401, 404)},
        examples=[OpenApiExample("A key", _KEY, response_only=True)],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first, without the keys themselves. Revoked keys are left out."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=_TAGS,
        operation_id="api_keys_create",
        summary="Make an API key",
        request=ApiKeySerializer,
        responses={201: ApiKeyMadeSerializer, **problems(400, 401, 409, 415)},
        examples=[
            OpenApiExample("For a notebook", {"name": "Notebook", "scopes": ["chat", "search"]}, request_only=True),
            OpenApiExample("Shown once", {**_KEY, "key": "gk_3vN8sQk2LwZp…"}, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request) -> Response:
        """The key is in the answer and is never shown again. A key cannot make keys: this takes an access token."""
        data = valid(ApiKeySerializer(data=request.data))
        row, key = api_key_create(user=caller(request), **data)
        answer = {**ApiKeySerializer(row).data, "key": key}
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class ApiKeyDetail(APIView):
    @extend_schema(
        tags=_TAGS,
        operation_id="api_keys_revoke",
        summary="Revoke an API key",
        responses={204: OpenApiResponse(description="It opens nothing any more."), **problems(401, 404)},
    )
    def delete(self, request: Request, key_id: UUID) -> Response:
        user = caller(request)
        api_key_revoke(api_key=selectors.api_key_get(user=user, key_id=key_id), actor=user)
        return Response(status=status.HTTP_204_NO_CONTENT)
