"""Steps three and four: which flows, and the questions they leave."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from apicenter.errors import ApicenterError
from connectors.services import open_connector
from dashboard.access import MemberRequest, changes, flow_for
from dashboard.partial import wants_part
from dashboard.setup.access import page_of, step, table_for
from dashboard.setup.flow_choice import Offer, apply_choice, offers_of
from dashboard.setup.questions import answer_table, open_answers, questions_of, setting_form
from dashboard.setup.steps import SetUp, Step, set_up_of
from dashboard.views.needs_you import sent_words


@step
def flows(request: MemberRequest, environment: str) -> HttpResponse:
    found = set_up_of(environment)
    if not found.is_authorised:
        return redirect("dashboard:setup:authorise", environment)
    offers = offers_of(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and _choose(request, found, offers):
        return redirect("dashboard:setup:questions", environment)
    return render(request, "dashboard/setup/flows.html", page_of(found, Step.FLOWS, offers=offers))


def _choose(request: MemberRequest, found: SetUp, offers: list[Offer]) -> bool:
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


@step
def questions(request: MemberRequest, environment: str) -> HttpResponse:
    found = set_up_of(environment)
    if not found.flows:
        return redirect(found.url(found.next_step))
    asked = [questions_of(flow) for flow in found.drafts or found.flows]
    context = page_of(
        found, Step.QUESTIONS, asked=asked, has_aside=True, open_count=open_answers(found.drafts or found.flows)
    )
    return render(request, "dashboard/setup/questions.html", context)


@changes
def answer(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Store the answers of one value table."""
    table = table_for(request, pk)
    is_part = wants_part(request)  # one row, saved as soon as it is chosen
    try:
        answered = answer_table(table, request.POST)
    except ApicenterError as error:
        messages.error(request, str(error))
        if is_part:
            return HttpResponseClientRefresh()
    else:
        if is_part:
            found = set_up_of(table.flow.source.environment)
            open_count = open_answers(found.drafts or found.flows)
            context = {"table": answered.question, "rows": answered.question.rows, "open_count": open_count}
            return render(request, "dashboard/setup/_answered.html", context)
        messages.success(request, sent_words(answered.sent) if answered.sent else _("Saved."))
    address = reverse("dashboard:setup:questions", args=[table.flow.source.environment])
    return redirect(f"{address}#table-{table.pk}")


@changes
def settings(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Store the settings of one flow, or show what is wrong at its field."""
    flow = flow_for(request, pk)
    environment = flow.source.environment
    try:
        with open_connector(flow.target, is_interactive=True) as connector:
            form = setting_form(flow, connector, request.POST)
            if form.is_valid():
                form.find_items(connector)
    except ApicenterError as error:
        messages.error(request, str(error))
        return redirect("dashboard:setup:questions", environment)
    if form.is_valid() and form.save():
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('dashboard:setup:questions', args=[environment])}#settings-{flow.pk}")
    found = set_up_of(environment)
    asked = [questions_of(one, form=form if one == flow else None) for one in found.drafts or found.flows]
    context = page_of(
        found, Step.QUESTIONS, asked=asked, has_aside=True, open_count=open_answers(found.drafts or found.flows)
    )
    return render(request, "dashboard/setup/questions.html", context)
