"""Removing and naming a key that one signs in with: the library's pages, for one's own keys only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404


def _own(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The library has a person show again who they are before it looks whether the key is theirs."""

    @wraps(view)
    def found_first(request: HttpRequest, pk: int) -> HttpResponseBase:
        get_object_or_404(Authenticator, pk=pk, user=request.user.pk, type=Authenticator.Type.WEBAUTHN)
        return view(request, pk=pk)

    return login_required(found_first)


remove = _own(views.remove_webauthn)
edit = _own(views.edit_webauthn)
