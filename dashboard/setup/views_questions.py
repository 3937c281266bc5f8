"""Step four: the questions that the flows leave, and asking somebody else."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from apicenter.errors import ApicenterError
from connectors.services import open_connector
from dashboard.access import MemberRequest, changes, flow_for
from dashboard.partial import wants_part
from dashboard.setup import inquiries
from dashboard.setup.access import page_of, step, table_for
from dashboard.setup.ask_form import AskForm
from dashboard.setup.models import Inquiry
from dashboard.setup.outstanding import confirm_all, outstanding
from dashboard.setup.questions import HOLD, answer_table, question_of, questions_of, setting_form
from dashboard.setup.setting_form import SettingForm
from dashboard.setup.steps import SetUp, Step, set_up_name, set_up_of
from dashboard.setup.trial import forget_trials
from dashboard.views.needs_you import sent_words
from flows.models import Flow, ValueTable


@step
def questions(request: MemberRequest, environment: str) -> HttpResponse:
    found = set_up_of(environment)
    if not found.flows:
        return redirect(found.url(found.next_step))
    return _page(request, found)


def _page(request: MemberRequest, found: SetUp, form: SettingForm | None = None) -> HttpResponse:
    asked = [
        inquiries.with_people(questions_of(flow, form=form if form and form.flow == flow else None))
        for flow in found.asked
    ]
    left = outstanding(found.asked)
    context = page_of(found, Step.QUESTIONS, asked=asked, has_aside=True, left=left, hold=HOLD)
    return render(request, "dashboard/setup/questions.html", context)


@changes
def confirm(request: MemberRequest, environment: str) -> HttpResponse:
    """Take every suggestion as it stands."""
    count = confirm_all(set_up_of(environment).asked)
    words = ngettext("%(count)s suggestion is confirmed.", "%(count)s suggestions are confirmed.", count)
    messages.success(request, words % {"count": count})
    return redirect("dashboard:setup:questions", environment)


@changes
def answer(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Store the answers of one value table, or of one row of it."""
    table = table_for(request, pk)
    is_part = wants_part(request)  # one row, saved as soon as it is chosen
    row = request.POST.get("row", "")
    try:
        answered = answer_table(table, request.POST, only=[row] if row else [])
    except ApicenterError as error:
        messages.error(request, str(error))
        if is_part:
            return HttpResponseClientRefresh()
        return _back_to(table)
    forget_trials([table.flow])
    if is_part:
        left = outstanding(set_up_of(set_up_name(table.flow)).asked)
        context = {"table": answered.question, "rows": answered.question.rows, "left": left, "hold": HOLD}
        return render(request, "dashboard/setup/_answered.html", context)
    messages.success(request, sent_words(answered.sent) if answered.sent else _("Saved."))
    return _back_to(table)


def _back_to(table: ValueTable) -> HttpResponse:
    address = reverse("dashboard:setup:questions", args=[set_up_name(table.flow)])
    return redirect(f"{address}#table-{table.pk}")


@changes
def settings(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Store the settings of one flow, or show what is wrong at its field."""
    flow = flow_for(request, pk)
    environment = set_up_name(flow)
    try:
        form, is_saved = _store_settings(request, flow)
    except ApicenterError as error:
        messages.error(request, str(error))
        return redirect("dashboard:setup:questions", environment)
    if not is_saved:
        return _page(request, set_up_of(environment), form)
    forget_trials([flow])
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('dashboard:setup:questions', args=[environment])}#settings-{flow.pk}")


def _store_settings(request: MemberRequest, flow: Flow) -> tuple[SettingForm, bool]:
    with open_connector(flow.target, is_interactive=True) as connector:
        form = setting_form(flow, connector, request.POST)
        if form.is_valid():
            form.find_named(connector)
        return form, form.is_valid() and form.save() is not None


@step
def ask(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Send a question to somebody without an account here."""
    table = table_for(request, pk)
    found = set_up_of(set_up_name(table.flow))
    try:
        question = question_of(table)
    except ApicenterError as error:
        messages.error(request, str(error))
        return _back_to(table)
    data = request.POST if request.method == "POST" else None
    form = AskForm(question, data, language=get_language() or "en")
    if request.method == "POST" and form.is_valid() and _send(request, table, form):
        return redirect("dashboard:setup:ask", pk)
    context = page_of(
        found,
        Step.QUESTIONS,
        form=form,
        table=question,
        sent=inquiries.inquiries_of(table),
        days=inquiries.LIFETIME.days,
    )
    return render(request, "dashboard/setup/ask.html", context)


def _send(request: MemberRequest, table: ValueTable, form: AskForm) -> bool:
    try:
        inquiries.send_inquiry(table, form.recipient(), rows=form.rows(), asked_by=request.user)
    except inquiries.TooMany:
        messages.error(request, inquiries.too_many_words())
    except OSError:
        messages.error(request, _("The letter could not be sent. Try again in a few minutes."))
    else:
        messages.success(request, _("Sent to %(who)s.") % {"who": form.cleaned_data["email"]})
        return True
    return False


@changes
def revoke(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw the link of a question."""
    rows = Inquiry.objects.select_related("table__flow")
    inquiry = get_object_or_404(rows, pk=pk, organization=request.organization)
    inquiries.revoke(inquiry)
    messages.success(request, _("The link opens nothing any more."))
    return redirect("dashboard:setup:ask", inquiry.table_id)
