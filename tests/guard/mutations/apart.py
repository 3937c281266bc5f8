"""Companies apart: what must be noticed when one could see or touch another."""

from __future__ import annotations

from tests.guard.mutations.mutation import Mutation, mutation

WALL = "tests/guard/test_wall.py::"
ROWS = "tests/apicenter/test_row_security.py::"
ACCESS, AUTHENTICATION, WALLS = (
    "dashboard/access.py", "apicenter/api/authentication.py", "apicenter/row_security.py",
)  # fmt: skip
EDITORS = "EDITORS = (Membership.Role.OWNER, Membership.Role.ADMIN, Membership.Role.EDITOR)"

MUTATIONS: tuple[Mutation, ...] = (
    mutation(
        "flow-of-any-company",
        WALL + "test_nothing_of_another_company_is_there_for_a_member_of_one",
        (ACCESS, "return Flow.objects.select_related(", "return Flow.unscoped.select_related("),
        (
            ACCESS,
            "get_object_or_404(flows(), pk=pk, organization=request.organization)",
            "get_object_or_404(flows(), pk=pk)",
        ),
    ),
    mutation(
        "asked-about-what-is-not-there",
        WALL + "test_nothing_of_another_company_is_there_for_a_member_of_one",
        (
            "dashboard/asked_again.py",
            "asking = reauthentication_required(view, allow_get=allow_get)\n\n        @wraps(view)",
            "asking = view\n\n        @reauthentication_required(allow_get=allow_get)\n        @wraps(view)",
        ),
    ),
    mutation(
        "crawl-with-ids-that-fit-nowhere",
        WALL + "test_the_same_addresses_are_there_for_their_own_company",
        ("tests/guard/addresses.py", '("needs-you/", "record"), ("log/", "record")', '("needs-you/", "record")'),
    ),
    mutation(
        "sheet-of-any-company",
        WALL + "test_a_file_is_for_its_own_company_only",
        (
            "dashboard/sheets/views.py",
            'rows = Sheet.objects.select_related("connection", "organization")\n'
            "    return get_object_or_404(rows, pk=pk, organization=request.organization)",
            'rows = Sheet.unscoped.select_related("connection", "organization")\n'
            "    return get_object_or_404(rows, pk=pk)",
        ),
    ),
    mutation(
        "manager-of-every-company",
        WALL + "test_nothing_of_another_company_is_on_ones_own_pages",
        (
            "apicenter/tenancy.py",
            "super().get_queryset().filter(organization_id=current_organization_id())",
            "super().get_queryset()",
        ),
    ),
    Mutation(
        "rows-in-the-open",
        ROWS + "test_a_query_by_hand_sees_the_rows_of_the_organization_in_context_only",
        mutation("", "", (WALLS, "(SELECT current_setting('app.everyone', true) = 'on')", "true")).edits,
        needs_postgres=True,
    ),
    Mutation(
        "owner-above-the-wall",
        ROWS + "test_a_query_by_hand_sees_the_rows_of_the_organization_in_context_only",
        mutation("", "", (WALLS, "FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY")).edits,
        needs_postgres=True,
    ),
    mutation(
        "any-token-opens",
        WALL + "test_a_visitor_is_let_in_nowhere",
        ("apicenter/api/tokens.py", ".filter(digest=digest_of(text)).first()", ".first()"),
    ),
    mutation(
        "visitor-counts-as-somebody",
        WALL + "test_a_visitor_is_let_in_nowhere",
        (
            ACCESS,
            "            return _to_sign_in(request)\n",
            "            request.user = User.objects.earliest('pk')\n",
        ),
    ),
    mutation(
        "viewers-edit",
        WALL + "test_every_role_is_refused_what_is_not_its_business",
        (ACCESS, EDITORS, "EDITORS = tuple(Membership.Role)"),
    ),
    mutation(
        "editors-administer",
        WALL + "test_every_role_is_refused_what_is_not_its_business",
        (
            ACCESS,
            "ADMINS = (Membership.Role.OWNER, Membership.Role.ADMIN)",
            "ADMINS = (Membership.Role.OWNER, Membership.Role.ADMIN, Membership.Role.EDITOR)",
        ),
    ),
    mutation(
        "admins-own",
        WALL + "test_every_role_is_refused_what_is_not_its_business",
        (
            ACCESS,
            "request.is_owner = request.membership.role == Membership.Role.OWNER",
            "request.is_owner = request.membership.role in ADMINS",
        ),
    ),
    mutation(
        "scopes-not-asked",
        WALL + "test_a_token_that_may_read_changes_nothing",
        (AUTHENTICATION, "if scope not in token.scopes:", "if False:"),
    ),
    mutation(
        "rows-stamped-with-another-company",
        WALL + "test_no_row_belongs_to_another_company_than_what_it_belongs_to",
        (
            "apicenter/tenancy.py",
            "            self.organization_id = current_organization_id()\n",
            "            field = self._meta.get_field('organization')\n"
            "            self.organization_id = field.related_model.objects.latest('created_at').pk\n",
        ),
    ),
)
