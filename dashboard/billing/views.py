"""The plan page: trial and plan, orders, the onboarding package, and what was used."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apicenter.billing.models import Order
from apicenter.billing.prices import PriceList
from apicenter.errors import SettingMissing
from dashboard import access
from dashboard.access import MemberRequest, in_organization, owns
from dashboard.billing.forms import Choice, DetailsForm, WishesForm
from dashboard.billing.page import build_plan_page, chosen_flows
from dashboard.partial import wants_part
from flows.plans import ordering
from flows.plans.charging import find_subscription
from flows.plans.quotes import quote_onboarding
from flows.plans.usage import use_by_month


@in_organization
def plan(request: MemberRequest) -> HttpResponse:
    """Show where one stands; where nothing is sold, what was used."""
    prices = settings.ENV.PLANS
    if prices is None:
        return use_page(request)
    if wants_part(request):
        page = build_plan_page(prices, Choice.of(request.GET), details=_typed(request))
        return render(request, "billing/_sum.html", {"page": page, "is_part": True})
    return _plan_page(request, prices, Choice.of(request.GET), _details_form(request))


@require_POST
@owns
def order_plan(request: MemberRequest) -> HttpResponse:
    choice, form, prices = Choice.of(request.POST), DetailsForm(request.POST), settings.ENV.PLANS
    if prices is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, _("Nothing is ordered yet: look at the fields that are marked."))
        return _plan_page(request, prices, choice, form)
    page = build_plan_page(prices, choice)
    try:
        placed = ordering.order_plan(
            chosen_flows(page),
            period=choice.period,
            details=form.details,
            key=choice.key,
            seen_total=choice.seen_total,
        )
    except SettingMissing as error:
        messages.error(request, str(error))
        return _plan_page(request, prices, choice, form)
    messages.success(request, _("Order %(reference)s is received. A letter confirms it.") % {"reference": placed})
    return redirect("dashboard:billing:order", pk=placed.pk)


@require_POST
@owns
def cancel(request: MemberRequest) -> HttpResponse:
    ends_at = ordering.cancel_plan()
    if ends_at is None:
        messages.info(request, _("There is no plan to cancel."))
    else:
        day = date_format(timezone.localtime(ends_at), "j F Y")
        messages.success(request, _("The plan ends on %(day)s. Until then you can take that back.") % {"day": day})
    return redirect("dashboard:billing:plan")


@require_POST
@owns
def keep(request: MemberRequest) -> HttpResponse:
    if ordering.keep_plan():
        messages.success(request, _("The plan goes on."))
    else:
        messages.info(request, _("There is no cancellation to take back."))
    return redirect("dashboard:billing:plan")


@owns
def onboarding(request: MemberRequest) -> HttpResponse:
    """The package: what it contains, and the form to order it."""
    prices = settings.ENV.PLANS
    if prices is None or prices.onboarding is None:
        raise Http404
    is_posted = request.method == "POST"
    form = DetailsForm(request.POST) if is_posted else _details_form(request)
    wishes = WishesForm(request.POST if is_posted else None)
    choice = Choice.of(request.POST)
    if is_posted and form.is_valid() and wishes.is_valid():
        try:
            placed = ordering.order_onboarding(
                details=form.details, wishes=wishes.cleaned_data, key=choice.key, seen_total=choice.seen_total
            )
        except SettingMissing as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("Order %(reference)s is received. A letter confirms it.") % {"reference": placed}
            )
            return redirect("dashboard:billing:order", pk=placed.pk)
    subscription = find_subscription()
    quote = quote_onboarding(subscription.details if subscription else {}, text="", now=timezone.now())
    context = {"form": form, "wishes": wishes, "prices": prices, "quote": quote, "choice": choice, "here": "plan"}
    return render(request, "billing/onboarding.html", context)


@owns
def order(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Order.objects.prefetch_related("lines"), pk=pk, organization=request.organization)
    context = {"order": found, "vat": ordering.vat_of_order(found), "here": "plan"}
    return render(request, "billing/order.html", context)


@in_organization
def use(request: MemberRequest) -> HttpResponse:
    return use_page(request)


def use_page(request: MemberRequest) -> HttpResponse:
    """Show the records moved per flow and month."""
    flows = list(access.flows())
    months = [(month, [(flow, used.get(flow.pk)) for flow in flows]) for month, used in use_by_month().items()]
    context = {"flows": flows, "months": months, "prices": settings.ENV.PLANS, "here": "plan"}
    return render(request, "billing/use.html", context)


def _plan_page(request: MemberRequest, prices: PriceList, choice: Choice, form: DetailsForm) -> HttpResponse:
    details = {name: str(form[name].value() or "") for name in ("country", "vat_number")}
    page = build_plan_page(prices, choice, details=details)
    orders = Order.objects.order_by("-created_at") if request.may_administer else Order.objects.none()
    context = {"page": page, "form": form, "orders": orders, "here": "plan"}
    return render(request, "billing/plan.html", context)


def _details_form(request: MemberRequest) -> DetailsForm:
    subscription = find_subscription()
    known = subscription.details if subscription else {}
    country = settings.ENV.OPERATOR_COUNTRY or "BE"
    fresh = {"company": request.organization.name, "email": request.user.email, "country": country}
    return DetailsForm(initial={**fresh, **known})


def _typed(request: MemberRequest) -> dict[str, str]:
    """Return what of the form matters for the VAT while it is being filled in."""
    return {name: request.GET.get(name, "") for name in ("country", "vat_number")}
