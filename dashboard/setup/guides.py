"""What to click in each system so that it lets us in: shown beside the form that needs the outcome."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from connectors.auth import pick_client
from connectors.base import Connector


@dataclass(frozen=True, slots=True)
class Guide:
    """The clicks in one system, in their order."""

    title: str
    steps: tuple[str, ...]
    note: str = ""
    link: str = ""  # the vendor's page that the steps begin on
    link_text: str = ""
    callback: str = ""  # the address to copy into the vendor's page


def callback_url() -> str:
    """Return the address that a vendor sends people back to, as it is registered there."""
    return f"{settings.SITE_URL}{reverse('dashboard:setup:callback')}"


def guide_for(connector: type[Connector]) -> Guide:
    """Return the guide; with no application of the operator's, its registration comes first."""
    has_application = all(pick_client(connector.key, {}, {}))
    makers = {"teamleader": _teamleader, "visma_net": _visma_net}
    maker = makers.get(connector.key)
    if maker is None:
        return Guide(connector.title, (_("Fill in the form as the documentation of the system says."),))
    return maker(has_application=has_application)


def _teamleader(*, has_application: bool) -> Guide:
    title = _("Guide for Teamleader")
    sign_in = (
        _("Press “Sign in to Teamleader”. You sign in there yourself; we never see your password."),
        _("Use a user who may see products, companies, contacts, deals, quotations and invoices. We see no more."),
        _("Check that the right company is named, then allow the access. You come back here by yourself."),
    )
    note = _("You can withdraw the access in Teamleader at any time.")
    if has_application:
        return Guide(title, sign_in, note)
    register = (
        _("Open the page for integrations in the Teamleader Marketplace and make a new integration."),
        _("Enter the address below as its redirect address, exactly as it stands."),
        _("Tick these rights: users, departments, companies, contacts, deals, quotations, products and invoices."),
        _("Copy its client id and client secret into the form and press “Save and sign in”."),
    )
    return Guide(
        title,
        (*register, *sign_in[1:]),
        note,
        link="https://marketplace.focus.teamleader.eu/build",
        link_text=_("Teamleader Marketplace, integrations"),
        callback=callback_url(),
    )


def _visma_net(*, has_application: bool) -> Guide:
    title = _("Guide for Visma.net")
    tenant = (
        _("In Visma.net, open the company information and look under Visma Connect: there stands the tenant id."),
        _("Take the id of the company. The id of the customer contract looks the same and does not work."),
        _("Paste it into the form and press “Save and check”."),
    )
    note = _("After an approval it may take up to 15 minutes until Visma accepts it. Check again then.")
    if has_application:
        approve = _("Ask your integration administrator to approve %(name)s for your company in the Visma App Store.")
        return Guide(title, (approve % {"name": settings.SITE_NAME}, *tenant), note)
    register = (
        _("Register a service application (client credentials) in the Visma Developer Portal."),
        _("Give it the Visma.net ERP service API with read, create, update and delete, and sales orders with read "
          "and write."),
        _("Ask your integration administrator to approve it for your company in the Visma App Store."),
        _("Copy its client id and client secret into the form."),
    )  # fmt: skip
    return Guide(
        title,
        (*register, *tenant),
        note,
        link="https://oauth.developers.visma.com",
        link_text=_("Visma Developer Portal"),
    )
