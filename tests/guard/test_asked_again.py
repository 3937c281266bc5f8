"""Which acts ask again who one is, over every address there is; and that what was begun is done after the answer."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from apicenter.organizations.models import Membership, Organization
from tests.dashboard.people import signed_in
from tests.factories import PASSWORD, inside
from tests.guard.addresses import pages
from tests.guard.crawl import Seen, Visitor
from tests.guard.test_wall import FOR_ADMINS, FOR_OWNERS
from tests.guard.world import World

ASKED = {  # each takes away, gives power, opens a way out, or changes what somebody signs in with
    "company/data/export/", "company/data/delete/", "company/settings/", "company/team/<uuid:pk>/hand-over/",
    "company/team/<uuid:pk>/remove/", "company/team/<uuid:pk>/role/", "company/team/invite/",
    "flows/<uuid:pk>/delete/now/", "connections/<uuid:pk>/disconnect/", "connections/<uuid:pk>/remove/",
    "connections/<uuid:pk>/address/", "api-access/", "api-access/flows/<uuid:pk>/address/",
    "notifications/webhooks/", "notifications/webhooks/<uuid:pk>/", "notifications/webhooks/<uuid:pk>/secret/",
    "you/delete/", "accounts/email/", "accounts/2fa/totp/activate/", "accounts/2fa/totp/deactivate/",
    "accounts/2fa/webauthn/add/", "accounts/2fa/webauthn/keys/<int:pk>/remove/",
    "accounts/2fa/webauthn/keys/<int:pk>/edit/", "accounts/2fa/recovery-codes/generate/",
}  # fmt: skip
NOT_ASKED = {  # for admins and owners only too, and why they do not ask
    "plan/cancel/": "counts from the next period and can be taken back",
    "plan/keep/": "takes back the above",
    "plan/onboarding/": "an order is answered by a person with an invoice; nothing is charged",
    "plan/order/": "the same",
    "plan/orders/<uuid:pk>/": "withdraws an order that nobody answered yet",
    "api-access/addresses/<uuid:pk>/remove/": "closes a way in",
    "api-access/tokens/<uuid:pk>/revoke/": "closes a way in",
    "company/team/invitations/<uuid:pk>/send/": "goes to whom it went before",
    "company/team/invitations/<uuid:pk>/withdraw/": "closes a way in",
    "notifications/company/": "what people are told unless they choose; each can choose otherwise",
    "notifications/given-up/<uuid:pk>/send/": "goes where it was to go",
    "notifications/webhooks/<uuid:pk>/remove/": "closes a way out",
    "notifications/webhooks/<uuid:pk>/switch/": "the address is as it was",
    "notifications/webhooks/<uuid:pk>/test/": "holds nothing of the company",
    "setup/<environment:environment>/connect/<slug:key>/": "the other system asks who one is",
    "setup/connections/<uuid:pk>/": "the same; one that records went through stays with its company",
    "setup/systems/": "the demo company, with invented data",
}


OWN_THINGS = ("accounts/", "you/")


def asks_again(seen: Seen) -> bool:
    return seen.status == 302 and "/reauthenticate/" in seen.location


def test_every_dangerous_act_asks_again_who_one_is(ours: World):
    """Whoever adds an act for admins decides here whether it is dangerous."""
    TOTP.activate(ours.owner, generate_totp_secret())
    ours.key = Authenticator.objects.create(user=ours.owner, type="webauthn", data={"name": "", "credential": {}})
    owner = Visitor(ours.owner, long_ago=True)
    typed = "role=admin&action_add=&email=new@example.com"

    acts = [one for one in pages(ours) if one.route in FOR_ADMINS | FOR_OWNERS or one.route.startswith(OWN_THINGS)]
    asking = {one.route for one in acts if asks_again(owner.visit("POST", one.path, typed))}

    assert asking == ASKED
    assert set(NOT_ASKED) == (FOR_ADMINS | FOR_OWNERS) - ASKED


@pytest.mark.parametrize(("taken", "is_asked"), [("", False), ("require_mfa", True), ("masks_mail", True)])
def test_taking_a_protection_away_asks_and_other_settings_do_not(ours: World, taken: str, is_asked: bool):
    company = ours.organization
    Organization.objects.filter(pk=company.pk).update(require_mfa=True, masks_mail=True)
    TOTP.activate(ours.owner, generate_totp_secret())
    form = {"name": "New", "language": "en", "time_zone": "UTC", "log_days": company.log_days}
    form |= {"require_mfa": "on", "masks_mail": "on"}
    form.pop(taken, None)

    seen = Visitor(ours.owner, long_ago=True).visit("POST", "/company/settings/", urlencode(form))

    assert asks_again(seen) == is_asked


def test_keeping_the_log_for_another_time_asks(ours: World):
    form = {"name": "New", "language": "en", "time_zone": "UTC", "log_days": "1.0", "masks_mail": "on"}

    assert asks_again(Visitor(ours.owner, long_ago=True).visit("POST", "/company/settings/", urlencode(form)))


def test_inviting_somebody_who_manages_nobody_does_not_ask(ours: World):
    owner = Visitor(ours.owner, long_ago=True)

    assert not asks_again(owner.visit("POST", "/company/team/invite/", "role=editor&email=a@example.com&language=en"))


def test_what_was_begun_is_done_after_the_answer(ours: World):
    client = signed_in(ours.owner)
    path = f"/company/team/{ours.membership.pk}/remove/"

    asked = client.post(path)
    done = client.post(asked["Location"], {"password": PASSWORD})

    assert done["Location"] == "/company/team/"
    with inside(ours.organization):
        assert not Membership.objects.filter(pk=ours.membership.pk).exists()


def test_nothing_is_done_after_a_wrong_answer(ours: World):
    client = signed_in(ours.owner)
    path = f"/company/team/{ours.membership.pk}/remove/"

    client.post(client.post(path)["Location"], {"password": "not my password"})

    with inside(ours.organization):
        assert Membership.objects.filter(pk=ours.membership.pk).exists()
