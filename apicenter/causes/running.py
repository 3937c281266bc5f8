"""Causes that hold up a whole flow: our own database, its settings, its turns, the trial and the plan."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

RUNNING: dict[str, Cause] = {
    "database.full": Cause(
        _(
            "The disk of this platform is full, so nothing could be stored. It goes on by itself where it stood, as "
            "soon as there is room."
        ),
        Fix.SUPPORT,
    ),
    "database.lost": Cause(
        _("The database of this platform did not answer or broke off. It goes on by itself where it stood."), Fix.WAIT
    ),
    "setting.missing": Cause(_("The setting “%(setting)s” is empty. Fill it in to go on."), Fix.SETTING),
    "flow.inactive": Cause(_("The flow “%(flow)s” is paused or not set up yet. Resume it first."), Fix.SETTING),
    "flow.busy": Cause(_("A run of “%(flow)s” is at work. Wait until it has read everything, or stop it."), Fix.WAIT),
    "errors.in_row": Cause(
        _("%(count)s records in a row need you, so the flow has paused. Solve them, then resume the flow."), Fix.CHOOSE
    ),
    "run.portion": Cause(
        _("Stopped after %(count)s records, as chosen for this flow. The next turn goes on from there."), Fix.WAIT
    ),
    "trial.ended": Cause(
        _("The free days are over and no plan is chosen. Nothing is lost: choose a plan, and the flow goes on."),
        Fix.PLAN,
    ),
    "plan.ended": Cause(_("The plan has ended. Nothing is lost: choose a plan, and the flow goes on."), Fix.PLAN),
    "plan.left_out": Cause(_("This flow is not part of your plan. Add it to the plan, and it goes on."), Fix.PLAN),
    "order.off": Cause(_("Nothing is sold here: this installation charges for nothing."), Fix.SUPPORT),
    "order.not_yet": Cause(
        _("A plan can be chosen once a flow between your own systems is switched on: the free days begin then."),
        Fix.PLAN,
    ),
    "order.empty": Cause(_("Choose at least one flow."), Fix.PLAN),
    "order.same": Cause(_("This is the plan you have already."), Fix.PLAN),
    "order.total_differs": Cause(
        _("The total is not the one you saw: it is now %(total)s. Look at it again before you order."), Fix.PLAN
    ),
    "first_run.waits": Cause(
        _("This first run waits until “%(flow)s” has sent its records for the first time."), Fix.WAIT
    ),
    "stock.off": Cause(
        _(
            "Stock management is not switched on in your %(system)s account, so it takes no stock. Switch it on there, "
            "then resume the flow."
        ),
        Fix.TARGET,
    ),
    "check.not_yet": Cause(_("There is nothing to compare with before “%(flow)s” has read everything once."), Fix.WAIT),
}
