"""What solves a cause on its card: a counterpart, an item, a setting, the right one of several records."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, in_organization, record_for
from dashboard.needs.cards import cards_of, fill
from dashboard.needs.page import NeedsFilter
from dashboard.needs.views import back, group_for
from dashboard.partial import wants_part
from dashboard.words import sent_words, table_title
from flows.documents.retired import RETIRED, delete_there, keep
from flows.needs import remedies
from flows.needs.candidates import compare as compare_candidates
from flows.needs.remedies import NotPossible
from flows.needs.replays import NotAChoice
from flows.tables.value_tables import set_pair


@changes
def pair(request: MemberRequest, key: str) -> HttpResponse:
    """Store the counterpart of a value, and send what waited for it."""
    group = group_for(key)
    value = request.POST.get("value", "").strip()
    if group.table is None or not value or len(value) > 200:
        messages.error(request, _("Choose a counterpart first."))
        return back(request, key)
    (card,) = cards_of([group])
    fill([card])
    labels = card.right.labels if card.right and card.right.options else None
    if labels is not None and value not in labels:
        messages.error(request, _("“%(value)s” does not exist there.") % {"value": value})
        return back(request, key)
    sent = set_pair(
        group.table,
        group.params.get("key", group.params.get("value", "")),
        value,
        key_label=group.params.get("value", ""),
        value_label=(labels or {}).get(value, ""),
    )
    saved = _("Saved in “%(table)s”.") % {"table": table_title(group.flow.kind, group.table.name)}
    messages.success(request, f"{saved} {sent_words(sent)}" if sent else saved)
    return back(request)


@changes
def item(request: MemberRequest, key: str) -> HttpResponse:
    """Decide what is sent for an item that is not there."""
    group = group_for(key)
    how, asked = request.POST.get("how", ""), group.params.get("sku", "")
    if how == "other":
        item = request.POST.get("item", "").strip()
        return _solve(request, key, lambda: remedies.use_item_instead(group.flow, asked, item))
    if how == "fallback":
        item = request.POST.get("fallback", "").strip()
        return _solve(request, key, lambda: remedies.use_fallback_item(group.flow, item))
    return _solve(request, key, lambda: remedies.send_again(group.records))


@changes
def setting(request: MemberRequest, key: str) -> HttpResponse:
    """Fill in the setting that records are held for."""
    group = group_for(key)
    name = remedies.SETTING_FOR.get(group.code)
    if name is None:
        raise Http404
    return _solve(request, key, lambda: remedies.fill_in(group.flow, name, request.POST.get("value", "")))


@changes
def retired(request: MemberRequest, key: str) -> HttpResponse:
    """Delete products whose items are no longer sold, once somebody says that they are sure, or let them stay."""
    group = group_for(key)
    if group.code != RETIRED:
        raise Http404
    if request.POST.get("how") == "keep":
        count = keep(group.flow, group.records, who=str(request.user))
        words = ngettext("%(count)s product stays as it is.", "%(count)s products stay as they are.", count)
        messages.success(request, words % {"count": count})
        return back(request)
    if "sure" not in request.POST:
        messages.error(request, _("Tick that you have looked at the list first: a deleted product does not come back."))
        return back(request, key)
    try:
        done = delete_there(group.flow, group.records, who=str(request.user))
    except ApicenterError as problem:
        messages.error(request, str(problem))
        return back(request, key)
    if done.count:
        words = ngettext("%(count)s product is deleted.", "%(count)s products are deleted.", done.count)
        messages.success(request, words % {"count": done.count})
    if done.problem:
        messages.error(request, done.problem)
    elif done.left:
        messages.info(request, _("%(count)s are left: go on with them.") % {"count": done.left})
    return back(request, key if done.left else "")


def _solve(request: MemberRequest, key: str, remedy: Callable[[], int]) -> HttpResponse:
    try:
        sent = remedy()
    except (NotPossible, ApicenterError) as problem:
        messages.error(request, str(problem))
        return back(request, key)
    messages.success(request, sent_words(sent))
    return back(request)


@in_organization
def compare(request: MemberRequest, pk: UUID) -> HttpResponse:
    """A record beside those that fit it, read live."""
    record = record_for(request, pk)
    if not record.params.get("choices"):
        raise Http404
    context = {
        "record": record,
        "flow": record.flow,
        "comparison": compare_candidates(record),
        "filter": NeedsFilter.of(request.GET),
        "here": "needs_you",
    }
    template = "dashboard/needs/_compare.html" if wants_part(request) else "dashboard/needs/compare.html"
    return render(request, template, context)


@changes
def create_new(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say that none of the records that fit is the one."""
    record = record_for(request, pk)
    try:
        sent = remedies.create_new(record)
    except NotAChoice:
        messages.error(request, _("This record no longer needs you."))
    else:
        messages.success(request, sent_words(sent))
    return back(request)
