"""Step three: which flows. Each choice is saved as it is made."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, in_organization
from dashboard.partial import wants_part
from dashboard.setup.access import page_of, step
from dashboard.setup.flow_choice import Offer, apply_choice, found_of, offers_of
from dashboard.setup.steps import SetUp, Step, set_up_of


@step
def flows(request: MemberRequest, environment: str) -> HttpResponse:
    found = set_up_of(environment)
    if not found.is_authorised:
        return redirect("dashboard:setup:authorise", environment)
    offers = offers_of(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and _choose_all(request, found, offers):
        return redirect("dashboard:setup:questions", environment)
    return render(request, "dashboard/setup/flows.html", page_of(found, Step.FLOWS, offers=offers))


def _choose_all(request: MemberRequest, found: SetUp, offers: list[Offer]) -> bool:
    """Store the choice; False when something is not right, which the page then says."""
    wrong = [offer for offer in offers if not offer.form.is_valid()]  # each is looked at, to show all errors at once
    if wrong:
        return False
    if not any(offer.is_wanted for offer in offers):
        messages.error(request, _("Switch on at least one flow."))
        return False
    try:
        for offer in offers:
            apply_choice(found, offer)
    except ApicenterError as error:
        messages.error(request, str(error))
        return False
    return True


@changes
def choose(request: MemberRequest, environment: str, kind: str) -> HttpResponse:
    """Store the choice of one flow and show its card as it stands then."""
    found = set_up_of(environment)
    offer = _offer(found, kind, request)
    if not wants_part(request):
        return redirect("dashboard:setup:flows", environment)
    problem = ""
    if offer.form.is_valid():
        try:
            apply_choice(found, offer)
        except ApicenterError as error:
            problem = str(error)
        else:
            found = set_up_of(environment)
            offer = _offer(found, kind)
    context = {"set_up": found, "offer": offer, "problem": problem, "is_saved": not problem, "is_swap": True}
    return render(request, "dashboard/setup/_flow_saved.html", context)


def _offer(found: SetUp, kind: str, request: MemberRequest | None = None) -> Offer:
    if not found.is_authorised:
        raise Http404
    offers = offers_of(found, request.POST if request else None)
    offer = next((offer for offer in offers if offer.key == kind), None)
    if offer is None:
        raise Http404
    return offer


@in_organization
def found(request: MemberRequest, environment: str, kind: str) -> HttpResponse:
    """How many records there are: asked for once the page stands, as it takes a call of the other system."""
    set_up = set_up_of(environment)
    offer = _offer(set_up, kind)
    try:
        counted = found_of(set_up, offer)
    except ApicenterError:  # a number that is nice to have; what is wrong with the system is told elsewhere
        counted = None
    return render(request, "dashboard/setup/_found.html", {"found": counted, "offer": offer})
