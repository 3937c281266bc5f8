"""A demo company in both sandboxes, for whoever wants to see everything before letting us in."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404

from apicenter.organizations.models import Organization
from connectors.services import connect_sandbox

CALLS_PER_MINUTE = 6000  # the real one allows 200: nobody wants to watch a demo for minutes


def connect_demo_company(organization: Organization) -> None:
    """Make or repair the demo company. Raises Http404 where the operator offers none, RetryableError, FlowError."""
    if not settings.ENV.SANDBOX_ENABLED:
        raise Http404
    from connectors.sandbox.models import Account  # an optional app, as in connectors/services.py
    from connectors.sandbox.services import set_options

    connect_sandbox(organization)
    for account in Account.objects.filter(system=Account.System.TEAMLEADER):
        set_options(account, limit_calls=CALLS_PER_MINUTE)
