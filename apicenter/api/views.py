"""What every view of the public API stands on: the token's organization, its scopes, keys against doubles."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apicenter.api.authentication import HasScope, TokenAuthentication, token_in
from apicenter.api.idempotency import begin, finish
from apicenter.api.models import ApiToken, IdempotentRequest
from apicenter.api.paging import Cursor
from apicenter.api.throttling import StrangerThrottle, TokenThrottle
from apicenter.api.tokens import find_token
from apicenter.audit import Actor, acting_as
from apicenter.tenancy import organization_context


class OrganizationViewSet(GenericViewSet[Any]):
    """A view set inside the organization of the caller's token."""

    scopes: ClassVar[dict[str, str]]
    authentication_classes = [TokenAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [StrangerThrottle, TokenThrottle]
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]
    pagination_class: Any = Cursor
    lookup_value_regex = "[0-9a-f-]{36}"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        text = token_in(request)
        token = find_token(text) if text else None
        request.api_token = token  # type: ignore[attr-defined]
        with ExitStack() as inside:
            if token is not None:
                inside.enter_context(organization_context(token.organization_id))
                address = request.META.get("REMOTE_ADDR", "")
                inside.enter_context(acting_as(Actor(token.created_by, via=token.name, address=address)))
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()  # while the organization is known: lists are read late
        response["Cache-Control"] = "no-store"
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._row = begin(request._request, self.token)
        if self._row is not None and self._row.status is not None:
            raise Replayed(self._row)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Replayed):
            self._row = None
            return Response(exc.row.read(), status=exc.row.status, headers={"Idempotent-Replayed": "true"})
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        row: IdempotentRequest | None = getattr(self, "_row", None)
        if row is not None:
            finish(row, response.status_code, response.data)
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def token(self) -> ApiToken:
        """The caller's token; there is one once the permissions were checked."""
        token: Any = self.request.auth
        assert isinstance(token, ApiToken)
        return token

    def may(self, scope: str) -> bool:
        return scope in self.token.scopes


class Replayed(APIException):
    """The request was answered before under the same key; the first answer is given again."""

    def __init__(self, row: IdempotentRequest) -> None:
        super().__init__()
        self.row = row
