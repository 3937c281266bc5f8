"""Showing again who one is before something dangerous is done, for addresses that name a thing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from allauth.account.decorators import reauthentication_required
from django.http import HttpResponseBase

from dashboard.access import MemberRequest

Thing = TypeVar("Thing")
View = Callable[[MemberRequest, uuid.UUID], HttpResponseBase]


def asks_again_about(
    find: Callable[[MemberRequest, uuid.UUID], Thing], *, allow_get: bool = False
) -> Callable[[Callable[[MemberRequest, Thing], HttpResponseBase]], View]:
    """Hand a view the thing its address names, after the person showed again who they are.

    The thing is looked up first: one of another company is a 404, and nobody types a password to learn that.
    """

    def decorate(view: Callable[[MemberRequest, Thing], HttpResponseBase]) -> View:
        asking = reauthentication_required(view, allow_get=allow_get)

        @wraps(view)
        def found_first(request: MemberRequest, pk: uuid.UUID) -> HttpResponseBase:
            response: HttpResponseBase = asking(request, find(request, pk))
            return response

        return found_first

    return decorate
