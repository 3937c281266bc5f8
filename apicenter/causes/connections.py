"""Causes that lie in a connection: authorisation, rights, and what the system announces by itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

CONNECTIONS: dict[str, Cause] = {
    "token.revoked": Cause(
        _(
            "%(system)s no longer accepts the authorisation of this connection. Reconnect it; everything "
            "waits until then."
        ),
        Fix.CONNECTION,
    ),
    "token.not_taken_yet": Cause(
        _("%(system)s does not accept the renewed authorisation yet. For a few minutes it is tried again by itself."),
        Fix.WAIT,
    ),
    "credentials.wrong": Cause(
        _("%(system)s refused the client id or client secret. Check both on the connection."), Fix.CONNECTION
    ),
    "tenant.wrong": Cause(
        _(
            "%(system)s does not know this tenant id as a company this application may use. Check the tenant id; right "
            "after the application was approved, try again in a quarter of an hour."
        ),
        Fix.CONNECTION,
    ),
    "account.other": Cause(
        _("You signed in to “%(found)s”, but this connection belongs to “%(expected)s”. Sign in to that account."),
        Fix.CONNECTION,
    ),
    "permission.missing": Cause(
        _("%(system)s does not allow this application to use “%(what)s”. Grant the missing right and reconnect."),
        Fix.CONNECTION,
    ),
    "instant.not_public": Cause(
        _("This platform has no public https address that %(system)s could reach. Changes are found by reading."),
        Fix.SUPPORT,
    ),
    "instant.unsupported": Cause(
        _("%(system)s does not announce changes of these records. They are found by reading."), Fix.WAIT
    ),
    "instant.off": Cause(_("The flow is set to read by its schedule only."), Fix.SETTING),
    "hint.no_secret": Cause(
        _("The webhook secret of this connection is missing, so deliveries cannot be trusted. Enter it there."),
        Fix.CONNECTION,
    ),
    "hint.wrong_signature": Cause(
        _("The last delivery was signed with another secret. Compare the webhook secret of this connection."),
        Fix.CONNECTION,
    ),
    "hint.other_account": Cause(_("The last delivery spoke of another account, so it was set aside."), Fix.CONNECTION),
    "connection.empty": Cause(
        _("%(system)s answers, but shows no %(what)s at all. This is usually the wrong company."), Fix.CONNECTION
    ),
    "connection.disconnected": Cause(
        _("The connection “%(connection)s” was disconnected. Connect it again, then resume the flow."), Fix.CONNECTION
    ),
}
