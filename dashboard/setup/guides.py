"""What to click in each system so that it lets us in: shown beside the form that needs the outcome, or sent on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from connectors.auth import pick_client
from connectors.base import Connector

RIGHTS = ("users", "departments", "companies", "contacts", "deals", "quotations", "products", "invoices")
SCOPES = ("vismanet_erp_service_api:read", ":create", ":update", ":delete", "visma.net.erp.salesorder:read", ":write")


class Part(StrEnum):
    """What a line of a drawn picture is."""

    TICK = "tick"
    BOX = "box"
    BUTTON = "button"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class MiniLine:
    """One line of a drawn picture; the one that matters is marked."""

    part: Part
    text: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Mini:
    """A drawn picture of a place in the vendor's pages: enough to recognise it, no copy of it."""

    title: str
    lines: tuple[MiniLine, ...]


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One click, or a few at the same place."""

    text: str
    mini: Mini | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """The clicks in one system, in their order."""

    title: str
    steps: tuple[GuideStep, ...]
    note: str = ""
    link: str = ""  # the vendor's page that the steps begin on
    link_text: str = ""
    callback: str = ""  # the address to copy into the vendor's page


@dataclass(frozen=True, slots=True)
class ShownGuide:
    """A guide on a page: unfolded for the system that is to be done."""

    key: str
    guide: Guide
    is_open: bool


def callback_url() -> str:
    """Return the address that a vendor sends people back to, as it is registered there."""
    return f"{settings.SITE_URL}{reverse('dashboard:setup:callback')}"


def guide_for(connector: type[Connector]) -> Guide:
    """Return the guide; with no application of the operator's, its registration comes first."""
    has_application = all(pick_client(connector.key, {}, {}))
    makers = {"teamleader": _teamleader, "visma_net": _visma_net}
    maker = makers.get(connector.key)
    if connector.files is not None:
        return _files(connector)
    if maker is None:
        return Guide(connector.title, (GuideStep(_("Fill in the form as the documentation of the system says.")),))
    return maker(has_application=has_application)


def _files(connector: type[Connector]) -> Guide:
    return Guide(
        _("Guide for spreadsheets"),
        (
            GuideStep(_("Save the sheet as XLSX or CSV, with the headings of the columns in one line.")),
            GuideStep(_("Upload it under “Files”, look at the first rows and say which column is what.")),
            GuideStep(_("Later, upload the whole sheet again: only rows that are new or changed are sent.")),
            GuideStep(_("What flows write can be downloaded there at any time.")),
        ),
        _("Files are encrypted. Deleting one here changes nothing in the other system."),
    )


def _teamleader(*, has_application: bool) -> Guide:
    consent = Mini(
        "Teamleader",
        (
            MiniLine(
                Part.ROW, _("%(name)s asks for access to: your company") % {"name": settings.SITE_NAME}, is_here=True
            ),
            MiniLine(Part.BUTTON, _("Allow")),
        ),
    )
    sign_in = (
        GuideStep(_("Press “Sign in to Teamleader”. You sign in there yourself; we never see your password.")),
        GuideStep(
            _("Use a user who may see products, companies, contacts, deals, quotations and invoices. We see no more.")
        ),
        GuideStep(
            _("Check that the right company is named, then allow the access. You come back here by yourself."), consent
        ),
    )
    title, note = _("Guide for Teamleader"), _("You can withdraw the access in Teamleader at any time.")
    if has_application:
        return Guide(title, sign_in, note)
    rights = Mini(_("Rights"), tuple(MiniLine(Part.TICK, right) for right in RIGHTS))
    register = (
        GuideStep(_("Open the page for integrations in the Teamleader Marketplace and make a new integration.")),
        GuideStep(
            _("Enter the address below as its redirect address, exactly as it stands."),
            Mini(_("New integration"), (MiniLine(Part.BOX, _("Redirect address"), is_here=True),)),
        ),
        GuideStep(
            _("Tick these rights: users, departments, companies, contacts, deals, quotations, products and invoices."),
            rights,
        ),
        GuideStep(
            _("Copy its client id and client secret into the form and press “Save and sign in”."),
            Mini(_("Keys"), (MiniLine(Part.BOX, _("Client id")), MiniLine(Part.BOX, _("Client secret")))),
        ),
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
    note = _("After an approval it may take up to 15 minutes until Visma accepts it. Check again then.")
    name = settings.SITE_NAME
    approve = GuideStep(
        _("Sign in to the Visma App Store as integration administrator of your company, find %(name)s, press “Approve” "
          "and choose the company.") % {"name": name},
        Mini(
            "Visma App Store",
            (MiniLine(Part.ROW, _("Company: yours")), MiniLine(Part.BUTTON, _("Approve"), True)),
        ),
    )  # fmt: skip
    tenant = (
        GuideStep(
            _("In Visma.net, open the company information and look under Visma Connect: there stands the tenant id."),
            Mini(
                _("Company information, Visma Connect"),
                (
                    MiniLine(Part.ROW, _("Customer contract"), False),
                    MiniLine(Part.BOX, _("Tenant id of the company"), True),
                ),
            ),
        ),
        GuideStep(_("Take the id of the company. The id of the customer contract looks the same and does not work.")),
        GuideStep(_("Paste it into the form and press “Save and check”.")),
    )
    if has_application:
        return Guide(title, (approve, *tenant), note)
    register = (
        GuideStep(_("Register a service application (client credentials) in the Visma Developer Portal.")),
        GuideStep(
            _("Give it the Visma.net ERP service API with read, create, update and delete, and sales orders with read "
              "and write."),
            Mini(_("Scopes"), tuple(MiniLine(Part.TICK, scope) for scope in SCOPES)),
        ),
        approve,
        GuideStep(
            _("Copy its client id and client secret into the form."),
            Mini(_("Keys"), (MiniLine(Part.BOX, _("Client id")), MiniLine(Part.BOX, _("Client secret")))),
        ),
    )  # fmt: skip
    return Guide(
        title,
        (*register, *tenant),
        note,
        link="https://oauth.developers.visma.com",
        link_text=_("Visma Developer Portal"),
    )
