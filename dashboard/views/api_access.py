"""Tokens and addresses for other programs, and the reference of the API."""

from __future__ import annotations

import uuid
from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from apicenter.api.models import ApiToken
from apicenter.api.scopes import SCOPES
from apicenter.api.tokens import issue_token, revoke_token
from dashboard import access
from dashboard.access import MemberRequest, administers, flow_for
from dashboard.api import reference
from dashboard.asked_again import asks_again_about
from flows.models import Flow, FlowHook
from flows.triggers.hooks import make_hook, remove_hook

READ_ONLY = ("connections:read", "flows:read", "records:read")


class TokenForm(forms.Form):
    """What a new token is called, may do, and how long it lasts."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        choices=[(scope, text) for scope, text in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=READ_ONLY,
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Expires"),
        coerce=int,
        initial=90,
        choices=[
            (30, gettext_lazy("in 30 days")),
            (90, gettext_lazy("in 90 days")),
            (365, gettext_lazy("in a year")),
            (0, gettext_lazy("never")),
        ],
    )


@administers
@reauthentication_required(allow_get=True)
def tokens(request: MemberRequest) -> HttpResponse:
    """List tokens and addresses; make a token, whose text is shown in this one answer only."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["days"]
        try:
            token, text = issue_token(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _page(request, TokenForm(), token=token, text=text)
    return _page(request, form)


@require_POST
@administers
def revoke(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects, pk=pk, organization=request.organization)
    revoke_token(token)
    messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("dashboard:api_tokens")


@require_POST
@administers
@asks_again_about(flow_for)
def add_hook(request: MemberRequest, flow: Flow) -> HttpResponse:
    """Make an address for a flow; its secret is shown in this one answer only."""
    hook, secret = make_hook(flow)
    return _page(request, TokenForm(), hook=hook, secret=secret)


@require_POST
@administers
def drop_hook(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    rows = FlowHook.objects.select_related("flow")
    remove_hook(get_object_or_404(rows, pk=pk, organization=request.organization))
    messages.success(request, _("The address is gone; calls to it start nothing."))
    return redirect("dashboard:api_tokens")


@require_safe
def api_reference(request: HttpRequest) -> HttpResponse:
    """The reference, for everybody: it holds nothing of any organization."""
    return render(request, "dashboard/api_reference.html", {"groups": reference.groups(), "scopes": SCOPES})


def _page(request: MemberRequest, form: TokenForm, **shown_once: object) -> HttpResponse:
    rows = ApiToken.objects.filter(revoked_at=None).select_related("created_by").order_by("-created_at")
    context = {
        "form": form,
        "tokens": list(rows),
        "scopes": SCOPES,
        "hooks": list(FlowHook.objects.select_related("flow").order_by("flow__name", "created_at")),
        "flows": list(access.flows()),
        "now": timezone.now(),
        "here": "api",
        **shown_once,
    }
    return render(request, "dashboard/api_tokens.html", context, status=400 if form.errors else 200)
