"""Causes that lie in how the other system answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

REMOTE: dict[str, Cause] = {
    "remote.unavailable": Cause(
        _("%(system)s cannot be reached at the moment. It is tried again by itself."), Fix.WAIT
    ),
    "remote.rate_limited": Cause(_("%(system)s asks us to slow down. It goes on by itself."), Fix.WAIT),
    "remote.not_found": Cause(_("%(system)s has no such record any more: %(what)s."), Fix.SOURCE),
    "remote.bad_answer": Cause(
        _("%(system)s gave an answer that cannot be read. It is tried again by itself."), Fix.WAIT
    ),
    "remote.filter_ignored": Cause(
        _("%(system)s did not apply the filter “%(what)s”, so its answer was not used."), Fix.SUPPORT
    ),
    "remote.changed_meanwhile": Cause(
        _("Somebody changed it in %(system)s at the same moment. It is looked at again by itself."), Fix.WAIT
    ),
    "outcome.unknown": Cause(
        _(
            "%(system)s was asked to make this record and gave no clear answer. It is looked up before "
            "anything is sent again."
        ),
        Fix.WAIT,
    ),
    "outcome.unresolved": Cause(
        _(
            "%(system)s never confirmed this record, and it could not be found there afterwards. Look there "
            "before it is sent again."
        ),
        Fix.CHOOSE,
    ),
    "refused.by_target": Cause(_("%(system)s refused this record: %(answer)s"), Fix.TARGET),
}
