"""People: what must be noticed when one could get in, stay in, or act as somebody else."""

from __future__ import annotations

from tests.guard.mutations.mutation import Mutation, mutation

ACCOUNTS, AGAIN = "tests/guard/test_accounts.py::", "tests/guard/test_asked_again.py::"
LEAVING = "tests/guard/test_leaving.py::"
SETTINGS, TRAIL = "apicenter/settings.py", "apicenter/organizations/security_trail.py"

MUTATIONS: tuple[Mutation, ...] = (
    mutation(
        "well-known-passwords",
        ACCOUNTS + "test_a_password_is_long_and_not_well_known[1q2w3e4r5t6y7u8i9o-False]",
        (SETTINGS, '    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},\n', ""),
    ),
    mutation(
        "passwords-soon-guessed",
        ACCOUNTS + "test_a_password_is_long_and_not_well_known[passwordpassword-False]",
        (SETTINGS, '    {"NAME": "apicenter.organizations.passwords.HardToGuess"},\n', ""),
    ),
    mutation(
        "company-in-a-password",
        ACCOUNTS + "test_a_password_is_long_and_not_well_known[VerhaegenLicht2026-False]",
        ("apicenter/organizations/passwords.py", 'about += user.organizations.values_list("name", flat=True)', "pass"),
    ),
    mutation(
        "short-passwords",
        ACCOUNTS + "test_a_password_is_long_and_not_well_known[Xq7vLp2mzKt-False]",
        (SETTINGS, '"OPTIONS": {"min_length": 12}', '"OPTIONS": {"min_length": 8}'),
    ),
    mutation(
        "guesses-without-limit",
        ACCOUNTS + "test_guessing_is_slowed_down_and_locks_nobody_out_for_good",
        (SETTINGS, 'ACCOUNT_ADAPTER = "', 'ACCOUNT_RATE_LIMITS = False\nACCOUNT_ADAPTER = "'),
    ),
    mutation(
        "known-addresses-are-faster",
        ACCOUNTS + "test_nobody_learns_whether_an_address_has_an_account",
        ("dashboard/you/forms.py", 'make_password(self.cleaned_data["password1"])', "pass"),
    ),
    mutation(
        "known-addresses-are-told",
        ACCOUNTS + "test_nobody_learns_whether_an_address_has_an_account",
        (SETTINGS, "ACCOUNT_PREVENT_ENUMERATION = True", "ACCOUNT_PREVENT_ENUMERATION = False"),
    ),
    mutation(
        "second-step-not-asked",
        "tests/dashboard/test_company_pages.py::test_a_member_without_a_second_step_is_led_to_it",
        ("dashboard/access.py", "if organization.require_mfa and not has_second_step(request.user):", "if False:"),
    ),
    mutation(
        "codes-not-remembered",
        ACCOUNTS + "test_a_code_of_the_app_works_once",
        (
            SETTINGS,
            '"BACKEND": "django.core.cache.backends.db.DatabaseCache"',
            '"BACKEND": "django.core.cache.backends.dummy.DummyCache"',
        ),
    ),
    mutation(
        "disconnecting-without-asking-again",
        ACCOUNTS + "test_whoever_left_the_screen_open_is_asked_again[disconnect]",
        (
            "dashboard/views/connections.py",
            "@asks_again_about(connection_for, allow_get=True)\ndef disconnect_page(request: MemberRequest, connection: Connection) -> HttpResponse:\n",
            "def disconnect_page(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:\n"
            "    connection = connection_for(request, pk)\n",
        ),
    ),
    mutation(
        "members-removed-without-asking-again",
        AGAIN + "test_every_dangerous_act_asks_again_who_one_is",
        (
            "dashboard/company/views_team.py",
            "@asks_again_about(member_for, allow_get=True)\ndef remove(request: MemberRequest, member: Membership) -> HttpResponseBase:\n",
            "def remove(request: MemberRequest, pk: uuid.UUID) -> HttpResponseBase:\n"
            "    member = member_for(request, pk)\n",
        ),
    ),
    mutation(
        "masks-taken-off-without-asking-again",
        AGAIN + "test_taking_a_protection_away_asks_and_other_settings_do_not[masks_mail-True]",
        ("dashboard/company/views_settings.py", 'or (company.masks_mail and "masks_mail" not in typed)', ""),
    ),
    mutation(
        "tokens-stay-with-the-removed",
        LEAVING + "test_tokens_of_somebody_who_is_removed_can_be_withdrawn_with_them",
        ("dashboard/company/views_team.py", 'withdraws = "tokens" in request.POST', "withdraws = False"),
    ),
    mutation(
        "old-address-not-told",
        LEAVING + "test_another_address_counts_once_its_letter_was_opened_and_the_old_one_is_told",
        (SETTINGS, "ACCOUNT_EMAIL_NOTIFICATIONS = True", "ACCOUNT_EMAIL_NOTIFICATIONS = False"),
    ),
    mutation(
        "taken-addresses-are-told-when-changing",
        LEAVING + "test_an_address_that_somebody_has_is_answered_like_any_other_and_never_taken",
        (SETTINGS, "ACCOUNT_PREVENT_ENUMERATION = True", "ACCOUNT_PREVENT_ENUMERATION = False"),
    ),
    mutation(
        "sessions-outlive-the-password",
        ACCOUNTS + "test_a_new_password_ends_every_other_session",
        (
            "apicenter/organizations/models.py",
            '    USERNAME_FIELD = "email"\n',
            '    USERNAME_FIELD = "email"\n\n'
            "    def get_session_auth_hash(self) -> str:\n"
            '        return "whatever the password"\n\n',
        ),
    ),
    mutation(
        "sessions-kept-in-the-cookie",
        ACCOUNTS + "test_a_session_has_a_new_name_after_signing_in_and_none_after_signing_out",
        (SETTINGS, '"apicenter.sealed_sessions"', '"django.contrib.sessions.backends.signed_cookies"'),
    ),
    mutation(
        "failed-sign-ins-not-written-down",
        ACCOUNTS + "test_owners_see_who_signed_in_and_what_was_tried",
        (TRAIL, '    auth.user_login_failed.connect(_failed, dispatch_uid="trail")\n', ""),
    ),
    mutation(
        "second-steps-not-written-down",
        ACCOUNTS + "test_a_second_step_that_comes_or_goes_is_written_down",
        (TRAIL, '    mfa.authenticator_removed.connect(_step_removed, dispatch_uid="trail")\n', ""),
    ),
    mutation(
        "sign-ins-for-colleagues",
        ACCOUNTS + "test_colleagues_do_not_see_when_somebody_signs_in",
        (
            "dashboard/company/trail.py",
            "return rows if with_sign_ins else rows.exclude(action__in=SECURITY_ACTIONS)",
            "return rows",
        ),
    ),
    mutation(
        "admin-site",
        ACCOUNTS + "test_there_is_no_admin_site",
        (SETTINGS, '    "django.contrib.auth",\n', '    "django.contrib.admin",\n    "django.contrib.auth",\n'),
        (
            "apicenter/urls.py",
            "from django.urls import URLPattern",
            "from django.contrib import admin\nfrom django.urls import URLPattern",
        ),
        (
            "apicenter/urls.py",
            '    path("api/", include',
            '    path("admin/", admin.site.urls),\n    path("api/", include',
        ),
    ),
)
