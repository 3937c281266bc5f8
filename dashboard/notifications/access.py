"""The way from a request to one's own messages and the organization's webhooks, or a 404."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from apicenter.notifications.inbox import given_up, messages_of
from apicenter.notifications.models import Delivery, Webhook
from apicenter.notifications.readers import Reader, reader_of
from dashboard.access import MemberRequest


def message_for(request: MemberRequest, pk: UUID) -> Delivery:
    return get_object_or_404(messages_of(request.user), pk=pk, organization=request.organization)


def webhook_for(request: MemberRequest, pk: UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.select_related("organization"), pk=pk, organization=request.organization)


def given_up_for(request: MemberRequest, pk: UUID) -> Delivery:
    return get_object_or_404(given_up(), pk=pk, organization=request.organization)


def reader_for(request: MemberRequest) -> Reader:
    reader = reader_of(request.user)
    if reader is None:
        raise Http404
    return reader
