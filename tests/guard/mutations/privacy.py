"""Privacy and what we are made of: what must be noticed when something stays, leaves, or comes in unseen."""

from __future__ import annotations

from tests.guard.mutations.mutation import Mutation, mutation

PRIVACY, SUPPLY = "tests/guard/test_privacy.py::", "tests/guard/test_supply.py::"
RETENTION = "tests/flows/test_retention.py::"
PURGE, CRYPTO = "flows/management/commands/purge_logs.py", "apicenter/crypto.py"

MUTATIONS: tuple[Mutation, ...] = (
    mutation(
        "compact-does-nothing",
        PRIVACY + "test_a_purged_record_is_gone_from_the_bytes_of_the_file",
        (PURGE, 'if options["compact"]:', "if False:"),
    ),
    mutation(
        "files-not-written-anew",
        PRIVACY + "test_a_purged_record_is_gone_from_the_bytes_of_the_file",
        (PURGE, '            cursor.execute("VACUUM")\n', ""),
    ),
    mutation(
        "trail-kept-for-ever",
        RETENTION + "test_the_trail_goes_when_its_time_is_up",
        ("flows/log/retention.py", "        forget_entries()\n", ""),
    ),
    mutation(
        "invitations-kept-for-ever",
        RETENTION + "test_invitations_go_some_time_after_their_link_has_ended",
        ("flows/log/retention.py", "        forget_invitations()\n", ""),
    ),
    mutation(
        "questions-kept-for-ever",
        RETENTION + "test_questions_to_people_without_an_account_go_too",
        ("dashboard/setup/apps.py", 'purging.connect(forget_inquiries, dispatch_uid="inquiries")', "pass"),
    ),
    mutation(
        "ended-sessions-kept-for-ever",
        RETENTION + "test_of_a_session_that_ended_neither_browser_nor_address_is_kept",
        ("flows/log/retention.py", "    forget_ended()\n", ""),
    ),
    mutation(
        "deleted-company-keeps-its-key",
        PRIVACY + "test_a_deleted_company_is_gone_from_the_bytes_of_the_file",
        ("flows/erasure.py", "        organization.delete()  #", "        pass  #"),
    ),
    mutation(
        "key-fits-every-company",
        PRIVACY + "test_without_its_key_nothing_of_a_company_can_be_read",
        (CRYPTO, 'AESGCM.generate_key(bit_length=256), f"dek|{organization_id}")', 'AESGCM.generate_key(256), "dek")'),
        (CRYPTO, '_open(keys[key_id], wrapped, f"dek|{organization_id}")', '_open(keys[key_id], wrapped, "dek")'),
    ),
    mutation(
        "table-off-the-map",
        "tests/flows/test_archive.py::test_the_map_of_data_names_every_table_of_an_organization",
        ("docs/privacy.md", "| `organizations.invitation` |", "| invitations |"),
    ),
    mutation(
        "script-of-another-host",
        PRIVACY + "test_no_page_loads_anything_from_elsewhere",
        ("templates/base.html", "<script src=\"{% static 'js/app.js' %}\"", '<script src="https://cdn.example/app.js"'),
    ),
    mutation(
        "requirement-not-pinned",
        SUPPLY + "test_every_requirement_is_pinned_with_its_hashes[requirements.lock]",
        ("requirements.lock", "\nasgiref==", "\nasgiref>="),
    ),
    mutation(
        "installed-without-hashes",
        SUPPLY + "test_nothing_is_installed_without_its_hash[Dockerfile]",
        ("Dockerfile", "--require-hashes ", ""),
    ),
    mutation(
        "container-writes-its-disk",
        SUPPLY + "test_the_container_runs_as_nobody_on_a_disk_it_cannot_write",
        ("docker-compose.yml", "  read_only: true\n", "  read_only: false\n"),
    ),
    mutation(
        "container-is-root",
        SUPPLY + "test_the_container_runs_as_nobody_on_a_disk_it_cannot_write",
        ("Dockerfile", "\nUSER app\n", "\nUSER root\n"),
    ),
    mutation(
        "silent-audit",
        SUPPLY + "test_the_audit_says_what_it_could_not_ask",
        ("tests/supply.py", 'print(f"LEFT OUT: nothing is known', 'print(f"nothing is known'),
    ),
    mutation(
        "holes-in-scripts-not-asked",
        SUPPLY + "test_what_npm_knows_counts_too",
        ("tests/supply.py", "    scripts = audit_scripts(options.npm)\n", "    scripts = 0\n"),
    ),
    mutation(
        "audit-that-passes-everything",
        SUPPLY + "test_the_audit_says_what_it_could_not_ask",
        (
            "tests/supply.py",
            "return 1 if audit(options.advisories) or scripts else 0",
            "return 0 * audit(options.advisories)",
        ),
    ),
)
