"""The web: what must be noticed when a browser, a neighbour's page or an address we are given could do more."""

from __future__ import annotations

from tests.guard.mutations.mutation import Mutation, mutation

WEB, WEBHOOKS = "tests/guard/test_web.py::", "tests/connectors/test_webhooks.py::"
CONNECT, HINTS = "tests/dashboard/setup/test_connect.py::", "tests/flows/test_hints.py::"
SCHEMA, FORMS = "tests/guard/test_api_schema.py::", "tests/guard/test_forms.py::"
SETTINGS, CONSENTS, DELIVERIES = "apicenter/settings.py", "dashboard/setup/consents.py", "dashboard/api/deliveries.py"

MUTATIONS: tuple[Mutation, ...] = (
    mutation(
        "inline-scripts-allowed",
        WEB + "test_every_page_has_the_strict_policy_and_is_kept_nowhere",
        (SETTINGS, '"script-src": ["\'self\'"]', '"script-src": ["\'self\'", "\'unsafe-inline\'"]'),
    ),
    mutation(
        "pages-kept-by-browsers",
        WEB + "test_every_page_has_the_strict_policy_and_is_kept_nowhere",
        ("dashboard/personal.py", "            add_never_cache_headers(response)\n", "            pass\n"),
    ),
    mutation(
        "changes-by-looking",
        WEB + "test_looking_changes_nothing",
        (
            "dashboard/access.py",
            "return require_POST(only_if(view, lambda request: request.may_edit))",
            "return only_if(view, lambda request: request.may_edit)",
        ),
    ),
    mutation(
        "posts-from-anywhere",
        WEB + "test_without_the_token_of_the_page_nothing_is_sent",
        (SETTINGS, '    "django.middleware.csrf.CsrfViewMiddleware",\n', ""),
    ),
    mutation(
        "proxy-not-believed",
        WEB + "test_behind_tls_cookies_are_bound_to_the_host_and_the_browser_is_told_to_stay",
        (SETTINGS, '("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE and ENV.TRUSTED_PROXIES else None', "None"),
    ),
    mutation(
        "session-of-any-host",
        WEB + "test_behind_tls_cookies_are_bound_to_the_host_and_the_browser_is_told_to_stay",
        (SETTINGS, '"__Host-session" if IS_SECURE else "session"', '"session"'),
    ),
    mutation(
        "language-cookie-for-scripts",
        WEB + "test_every_cookie_is_closed_to_scripts_and_other_sites",
        (
            SETTINGS,
            'LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SECURE = "Lax", True, IS_SECURE',
            'LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SECURE = "Lax", False, IS_SECURE',
        ),
    ),
    mutation(
        "back-to-anywhere",
        WEB + "test_no_parameter_leads_to_another_site",
        ("dashboard/way_back.py", "return wanted if is_ours else otherwise", "return wanted or otherwise"),
    ),
    mutation(
        "any-host",
        WEB + "test_a_wrong_host_is_refused_and_a_forwarded_one_counts_for_nothing",
        (SETTINGS, "ALLOWED_HOSTS = ENV.ALLOWED_HOSTS", 'ALLOWED_HOSTS = ["*"]'),
    ),
    mutation(
        "host-as-forwarded",
        WEB + "test_a_wrong_host_is_refused_and_a_forwarded_one_counts_for_nothing",
        (
            SETTINGS,
            "ALLOWED_HOSTS = ENV.ALLOWED_HOSTS",
            "ALLOWED_HOSTS = ENV.ALLOWED_HOSTS\nUSE_X_FORWARDED_HOST = True",
        ),
    ),
    mutation(
        "own-addresses-called",
        WEB + "test_no_spelling_of_an_own_address_is_called",
        ("connectors/public_addresses.py", "if not all(is_public(address) for address in addresses):", "if False:"),
    ),
    mutation(
        "looked-up-again-for-the-call",
        WEB + "test_a_name_that_changes_its_address_between_check_and_call_gains_nothing",
        ("connectors/webhooks.py", "address=place.address", "address=lookup(place.host, place.port)[0]"),
    ),
    mutation(
        "embedded-addresses-count-as-public",
        WEBHOOKS + "test_every_embedded_form_of_a_private_address_counts_as_private",
        (
            "connectors/public_addresses.py",
            "return not any(address in network for network in FORBIDDEN if network.version == address.version)",
            "return True",
        ),
    ),
    mutation(
        "redirects-followed",
        WEBHOOKS + "test_a_redirect_is_not_followed",
        (
            "connectors/wire.py",
            '            text = b""\n',
            '            text = b""\n'
            "            if response.status in range(300, 400):\n"
            '                where = dict(response.headers)[b"location"].decode()\n'
            "                return post_pinned(where, body, headers, address=address, seconds=seconds, cap=cap)\n",
        ),
        raises="NoAnswer",  # nobody listens where the redirect leads
    ),
    mutation(
        "consent-kept-for-everybody",
        CONNECT + "test_a_state_of_another_session_is_refused",
        (CONSENTS, 'SESSION_KEY = "consent"\n', 'SESSION_KEY = "consent"\nBEGUN: dict[str, object] = {}\n'),
        (CONSENTS, "    return begun\n", "    BEGUN.update(session[SESSION_KEY])\n    return begun\n"),
        (CONSENTS, "begun = session.get(SESSION_KEY)", "begun = session.get(SESSION_KEY) or BEGUN"),
        (CONSENTS, "    del session[SESSION_KEY]\n", "    session.pop(SESSION_KEY, None)\n"),
    ),
    mutation(
        "any-state-will-do",
        CONNECT + "test_a_wrong_state_is_refused_and_the_right_one_still_counts",
        (CONSENTS, 'not begun or not constant_time_compare(begun["state"], state)', "not begun"),
    ),
    mutation(
        "consent-for-another-company",
        CONNECT + "test_coming_back_in_another_company_is_refused",
        (CONSENTS, 'if begun["organization"] != str(organization):', "if False:"),
    ),
    mutation(
        "codes-without-a-challenge",
        "tests/connectors/test_pkce.py::test_a_code_of_somebody_else_is_refused[another]",
        ("connectors/auth.py", "challenge_of(verifier)", "challenge_of('another')"),
    ),
    mutation(
        "verifier-in-the-open",
        CONNECT + "test_the_verifier_stays_here_until_the_code_is_back",
        ("connectors/auth.py", '"code_challenge_method": "S256"}', '"code_challenge_method": "S256", "v": verifier}'),
    ),
    mutation(
        "state-works-again",
        CONNECT + "test_a_state_works_once",
        (CONSENTS, "    del session[SESSION_KEY]\n", ""),
    ),
    mutation(
        "state-lives-for-days",
        CONNECT + "test_a_state_lives_ten_minutes",
        (CONSENTS, "LIFETIME = timedelta(minutes=10)", "LIFETIME = timedelta(days=10)"),
    ),
    mutation(
        "deliveries-of-any-size",
        HINTS + "test_the_endpoint_reveals_nothing_and_needs_no_session",
        (DELIVERIES, "if not size.isdecimal() or int(size) > LARGEST_BODY:", "if False:"),
    ),
    mutation(
        "deliveries-without-limit",
        HINTS + "test_too_many_deliveries_are_slowed_down",
        (DELIVERIES, "if _is_too_often(secret):", "if False:"),
    ),
    mutation(
        "calls-without-limit",
        "tests/dashboard/api/test_refusals.py::test_too_many_calls_are_told_when_to_come_back",
        ("apicenter/api/views.py", "[StrangerThrottle, TokenThrottle]", "[StrangerThrottle]"),
    ),
    mutation(
        "values-of-the-api-not-checked",
        SCHEMA + "test_no_operation_of_the_api_answers_with_a_fault",
        (
            "dashboard/api/tables.py",
            "asked = NoPairSerializer(data=request.data)\n        asked.is_valid(raise_exception=True)",
            "asked = NoPairSerializer(data=request.data)\n        asked.is_valid()",
        ),
    ),
    mutation(
        "filter-of-the-trail-not-checked",
        FORMS + "test_no_question_in_an_address_answers_with_a_fault",
        ("dashboard/company/trail.py", "(person.isascii() and person.isdecimal())", "person"),
    ),
    mutation(
        "bad-file-not-caught",
        FORMS + "test_no_file_answers_with_a_fault",
        (
            "dashboard/sheets/views.py",
            "    except BadFile as error:\n        return _files_page(",
            "    except KeyError as error:\n        return _files_page(",
        ),
    ),
    mutation(
        "settings-taken-for-granted",
        FORMS + "test_settings_of_every_kind_of_flow_are_taken_or_refused_at_their_field[products]",
        ("dashboard/flow_settings/setting_form.py", 'values.get("missing_product") ==', 'values["missing_product"] =='),
        raises="KeyError",  # of the form itself: the test asks it without a page around
    ),
    mutation(
        "values-of-a-form-not-checked",
        SCHEMA + "test_no_form_answers_with_a_fault",
        (
            "dashboard/views/flow.py",
            "    if not form.is_valid():\n"
            "        messages.error(request, form.problem())\n"
            "        return redirect(_way_back(request, pk))\n",
            "    form.is_valid()\n",
        ),
    ),
)
