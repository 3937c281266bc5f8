"""Every failure of the API has one form: {"error": {"code", "message", "fields"?}}, and codes never change."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apicenter.errors import ApicenterError, FlowError, RateLimited, RetryableError

CODES: dict[type[Exception], str] = {
    exceptions.ValidationError: "validation_failed",
    exceptions.ParseError: "malformed",
    exceptions.AuthenticationFailed: "token_invalid",
    exceptions.NotAuthenticated: "token_missing",
    exceptions.PermissionDenied: "scope_missing",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "media_type_unsupported",
    exceptions.Throttled: "throttled",
}


class Conflict(exceptions.APIException):
    """The thing is not in a state in which this can be done. `code` says why and is part of the contract."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def body(code: str, message: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Return the one form of a failure."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = fields
    return {"error": error}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: turn an exception into an answer; None lets an unexpected one become a 500."""
    set_rollback()
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, ValidationError):
        return Response(_of_django(error), status=status.HTTP_400_BAD_REQUEST)
    elif isinstance(error, ApicenterError):
        return _of_platform(error)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {"WWW-Authenticate": "Bearer"} if error.status_code == status.HTTP_401_UNAUTHORIZED else {}
    if isinstance(error, exceptions.Throttled) and error.wait:
        headers["Retry-After"] = str(max(1, round(error.wait)))
    return Response(_of_drf(error), status=error.status_code, headers=headers)


def _of_drf(error: exceptions.APIException) -> dict[str, Any]:
    code = next((code for kind, code in CODES.items() if type(error) is kind), "")
    if isinstance(error, exceptions.ValidationError):
        fields = _fields(error.detail)
        return body("validation_failed", _("Some values cannot be used."), fields)
    codes = error.get_codes()
    return body(code or (codes if isinstance(codes, str) else "failed"), str(error.detail))


def _fields(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Flatten nested details to dotted names: {"rows.0.value": ["…"]}."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found |= _fields(inner, f"{path}.{name}" if path else str(name))
        return found
    if isinstance(detail, list) and any(isinstance(one, dict | list) for one in detail):
        return {
            name: texts
            for index, inner in enumerate(detail)
            if inner
            for name, texts in _fields(inner, f"{path}.{index}" if path else str(index)).items()
        }
    return {path or "non_field_errors": [str(one) for one in (detail if isinstance(detail, list) else [detail])]}


def _of_django(error: ValidationError) -> dict[str, Any]:
    fields = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
    return body("validation_failed", _("Some values cannot be used."), fields)


def _of_platform(error: ApicenterError) -> Response:
    """A cause of the catalogue keeps its own code: "flow.inactive", "token.revoked" …"""
    if isinstance(error, RateLimited):
        code = status.HTTP_503_SERVICE_UNAVAILABLE
    elif isinstance(error, RetryableError):
        code = status.HTTP_502_BAD_GATEWAY
    else:
        code = status.HTTP_409_CONFLICT if isinstance(error, FlowError) else status.HTTP_422_UNPROCESSABLE_ENTITY
    return Response(body(error.code, str(error)), status=code)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer for addresses under /api/ that do not exist."""
    return JsonResponse(body("not_found", _("There is nothing at this address.")), status=404)
