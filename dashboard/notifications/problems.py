"""Why a message was not taken, in words: codes of connectors/webhooks.py and of the mail server."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PROBLEMS: dict[str, Promise] = {
    "address.unknown": gettext_lazy("There is no such host."),
    "address.wrong": gettext_lazy("This is not a web address."),
    "address.not_https": gettext_lazy("The address must begin with https://."),
    "address.with_password": gettext_lazy("The address must not hold a user name or password."),
    "address.private": gettext_lazy("The address leads into a private network, where nothing is sent."),
    "answer.late": gettext_lazy("It did not answer in time."),
    "answer.broken": gettext_lazy("The connection broke before the answer was complete."),
    "connect.tls": gettext_lazy("Its certificate is not valid for this host."),
    "connect.failed": gettext_lazy("It cannot be reached."),
    "internal": gettext_lazy("Something went wrong on our side."),
    "webhook.off": gettext_lazy("The webhook was switched off."),
}
MAIL = "mail."
HTTP = "HTTP "


def problem_words(problem: str) -> str:
    """Return the sentence for a stored problem."""
    if problem.startswith(MAIL):
        return _("The mail server did not take it.")
    if problem.startswith(HTTP):
        return _("It answered %(status)s.") % {"status": problem}
    return str(PROBLEMS.get(problem, problem))
