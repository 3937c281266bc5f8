"""The wall around a company, at every address there is: strangers, visitors, roles, and rows in the database."""

from __future__ import annotations

from django.apps import apps
from django.db.models import F, ForeignKey

from apicenter.api.tokens import issue_token
from apicenter.tenancy import TenantModel, platform_context
from flows.models import Run
from tests.factories import inside
from tests.guard.addresses import FAKES, Address, addresses, pages
from tests.guard.crawl import Visitor
from tests.guard.world import MARK, World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOT_THERE = {404, 405}


def methods_of(address: Address) -> tuple[str, ...]:
    return METHODS if address.is_api else METHODS[:2]


def test_nothing_of_another_company_is_there_for_a_member_of_one(ours: World, theirs: World):
    """Nor is anybody asked to show again who they are for what is not there."""
    program, just_now, long_ago = (
        Visitor(token=ours.token_text),
        Visitor(ours.owner),
        Visitor(ours.owner, long_ago=True),
    )

    for address in addresses(theirs):
        if not address.names_object:
            continue
        people = (program,) if address.is_api else (just_now, long_ago)
        seen = [who.visit(method, address.path) for method in methods_of(address) for who in people]
        assert {one.status for one in seen} <= NOT_THERE, address
        assert 404 in {one.status for one in seen}, address
        assert not any(MARK in one.text or one.written for one in seen), address


def test_the_same_addresses_are_there_for_their_own_company(ours: World):
    """Otherwise the test above would pass for an id that fits nowhere."""
    person, program = Visitor(ours.owner), Visitor(token=ours.token_text)
    empty = {"needs-you/<slug:key>/retired/", "needs-you/<slug:key>/setting/", "needs-you/<slug:key>/assign/",
             "needs-you/<slug:key>/note/", "needs-you/record/<uuid:pk>/compare/",
             "setup/connections/<uuid:pk>/consent/", "accounts/2fa/webauthn/keys/<int:pk>/remove/",
             "accounts/2fa/webauthn/keys/<int:pk>/edit/"}  # fmt: skip

    missing = {
        address.route
        for address in addresses(ours)
        if address.names_object
        and all((program if address.is_api else person).visit(one, address.path).status in NOT_THERE
                for one in methods_of(address))
    }  # fmt: skip

    assert missing == empty


def test_a_file_is_for_its_own_company_only(ours: World, theirs: World):
    """Uploaded or written by a flow: the mark is in it, so nobody else may get at it."""
    for sheet in (theirs.sheet, theirs.written):
        page, api = f"/files/sheets/{sheet.pk}/file.csv", f"/api/v1/files/{sheet.pk}/download/?as=csv"
        assert MARK in Visitor(theirs.owner).visit("GET", page).text
        assert MARK in Visitor(token=theirs.token_text).visit("GET", api).text
        for seen in (Visitor(ours.owner).visit("GET", page), Visitor(token=ours.token_text).visit("GET", api)):
            assert seen.status == 404
            assert MARK not in seen.text


def test_nothing_of_another_company_is_on_ones_own_pages(ours: World, theirs: World):
    person, program = Visitor(ours.owner), Visitor(token=ours.token_text)

    for address in addresses(ours):
        if not address.route.startswith(FAKES):
            assert MARK not in (program if address.is_api else person).visit("GET", address.path).text, address
    for query in ("log/?q=ZZSEC", "help/?q=ZZSEC", "log/export/?q=ZZSEC"):
        assert MARK not in person.visit("GET", f"/{query}").text


OPEN = {  # to whoever comes, as nothing of any company is there
    "", "privacy/", "data-processing/", "terms/", "robots.txt", "sitemap.xml", "help/", "help/<slug:slug>/",
    "healthz", "readyz", "api/docs/", "api/schema.json", "theme/", "language/", "join/",
    "join/<uuid:organization_pk>/<path:token>", "notifications/link/<str:token>/", "setup/answer/<str:token>/",
    "accounts/login/", "accounts/logout/", "accounts/inactive/", "accounts/signup/", "accounts/confirm-email/",
    "accounts/confirm-email/(?P<key>[-:\\w]+)/", "accounts/password/reset/", "accounts/password/reset/done/",
    "accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/", "accounts/password/reset/key/done/",
    "accounts/2fa/webauthn/login/",
}  # fmt: skip


def test_a_visitor_is_let_in_nowhere(ours: World, theirs: World):
    visitor, wrong = Visitor(), Visitor(token="apic_wrong")
    let_in = set()

    for address in addresses(theirs):
        if address.route.startswith(FAKES):
            continue
        for method in methods_of(address):
            for who in (visitor, wrong) if address.is_api else (visitor,):
                seen = who.visit(method, address.path)
                assert MARK not in seen.text
                leads_to_sign_in = seen.status == 302 and seen.location.startswith("/accounts/login/")
                if not leads_to_sign_in and seen.status not in {401, *NOT_THERE}:
                    let_in.add(address.route)

    assert let_in <= OPEN


def test_a_token_that_may_read_changes_nothing(ours: World):
    with inside(ours.organization):
        _token, text = issue_token(
            name="Reader", scopes=["connections:read", "flows:read", "records:read"], expires_at=None
        )
    reader = Visitor(token=text)

    for address in addresses(ours):
        if address.is_api:
            for method in METHODS[1:]:
                assert reader.visit(method, address.path).status in {403, *NOT_THERE}, address


FOR_OWNERS = {
    "company/data/delete/", "company/data/export/", "company/team/<uuid:pk>/hand-over/", "plan/cancel/", "plan/keep/",
    "plan/onboarding/", "plan/order/", "plan/orders/<uuid:pk>/",
}  # fmt: skip
FOR_ADMINS = {
    "api-access/", "api-access/addresses/<uuid:pk>/remove/", "api-access/flows/<uuid:pk>/address/",
    "api-access/tokens/<uuid:pk>/revoke/", "company/settings/", "company/team/<uuid:pk>/remove/",
    "company/team/<uuid:pk>/role/", "company/team/invitations/<uuid:pk>/send/",
    "company/team/invitations/<uuid:pk>/withdraw/", "company/team/invite/", "connections/<uuid:pk>/address/",
    "connections/<uuid:pk>/disconnect/", "connections/<uuid:pk>/remove/", "flows/<uuid:pk>/delete/now/",
    "notifications/company/", "notifications/given-up/<uuid:pk>/send/", "notifications/webhooks/",
    "notifications/webhooks/<uuid:pk>/", "notifications/webhooks/<uuid:pk>/remove/",
    "notifications/webhooks/<uuid:pk>/secret/", "notifications/webhooks/<uuid:pk>/switch/",
    "notifications/webhooks/<uuid:pk>/test/", "setup/<environment:environment>/connect/<slug:key>/",
    "setup/connections/<uuid:pk>/", "setup/systems/",
}  # fmt: skip
# a member's own things, and pages that read what was sent only to show themselves again
FOR_EVERYBODY = {
    "", "chart/", "company/team/leave/", "connections/", "files/<uuid:pk>/", "flows/<uuid:pk>/",
    "flows/<uuid:pk>/backfill/", "flows/<uuid:pk>/check/", "flows/<uuid:pk>/filters/", "flows/<uuid:pk>/map/",
    "flows/<uuid:pk>/map/history/",
    "flows/<uuid:pk>/map/publish/", "flows/<uuid:pk>/runs/<uuid:run_pk>/", "flows/<uuid:pk>/schedule/",
    "flows/<uuid:pk>/settings/", "flows/<uuid:pk>/tables/", "join/", "language/", "log/", "log/<uuid:pk>/",
    "log/export/", "log/new/", "needs-you/", "needs-you/aside/", "needs-you/solved/", "notifications/",
    "notifications/link/<str:token>/", "notifications/mine/", "notifications/mine/pause/", "notifications/mine/test/",
    "notifications/read/", "organization/new/", "plan/", "plan/use/", "setup/<environment:environment>/done/",
    "tables/", "tables/<uuid:pk>/", "tables/<uuid:pk>/export/", "theme/", "you/", "you/delete/",
}  # fmt: skip


def test_every_role_is_refused_what_is_not_its_business(ours: World):
    """The matrix of roles and addresses: what stands in none of the sets is for editors and up."""
    addresses_of_pages = pages(ours)
    viewer, editor, admin = (Visitor(ours.member(role)) for role in ("viewer", "editor", "admin"))
    sent = {one.route: viewer.visit("POST", one.path).status for one in addresses_of_pages}

    taken = {route for route, status in sent.items() if status not in {403, *NOT_THERE}}
    assert {route for route in taken if not route.startswith("accounts/")} <= FOR_EVERYBODY  # an account is one's own
    assert not [route for route, status in sent.items() if status >= 500]
    closed = {one.route: one.path for one in addresses_of_pages if sent[one.route] == 403}
    assert {route for route, path in closed.items() if editor.visit("POST", path).status == 403} >= (
        FOR_ADMINS | FOR_OWNERS
    )
    assert {route for route in FOR_OWNERS if admin.visit("POST", closed[route]).status == 403} == FOR_OWNERS


def misplaced_rows() -> list[str]:
    """Rows that point at a row of another organization."""
    found = []
    with platform_context():
        for model in apps.get_models():
            if not issubclass(model, TenantModel):
                continue
            for field in model._meta.get_fields():
                if isinstance(field, ForeignKey) and issubclass(field.related_model, TenantModel):
                    rows = model.unscoped.filter(**{f"{field.name}__isnull": False})
                    if rows.exclude(**{f"{field.name}__organization": F("organization")}).exists():
                        found.append(f"{model.__name__}.{field.name}")
    return found


def test_no_row_belongs_to_another_company_than_what_it_belongs_to(ours: World, theirs: World):
    client = Visitor(ours.owner).client
    for address in pages(ours):  # a day of somebody who presses every button
        if not any(word in address.route for word in ("delete", "remove", "leave", "logout", "disconnect")):
            client.post(address.path)
    assert misplaced_rows() == []

    with platform_context():
        Run.unscoped.filter(pk=ours.run.pk).update(flow=theirs.flow)
    assert "Run.flow" in misplaced_rows()
