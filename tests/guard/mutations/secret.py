"""Secrets: what must be noticed when one could be read."""

from __future__ import annotations

from tests.guard.mutations.mutation import Mutation, mutation

SECRETS = "tests/guard/test_secrets.py::"
CRYPTO, BLOTTING, FORM = "apicenter/crypto.py", "apicenter/blotting.py", "dashboard/setup/connect_form.py"
SESSIONS = "apicenter/sealed_sessions.py"

MUTATIONS: tuple[Mutation, ...] = (
    mutation(
        "client-secret-stored-as-it-is",
        SECRETS + "test_no_secret_stands_in_the_database",
        (
            "connectors/models.py",
            "self.secrets = self.organization.vault.seal(values, place=self.SECRETS_PLACE, row_id=self.id)",
            "self.secrets = repr(values).encode()",
        ),
    ),
    mutation(
        "api-token-stored-as-it-is",
        SECRETS + "test_no_secret_stands_in_the_database",
        ("apicenter/api/tokens.py", "return hashlib.sha256(text.encode()).hexdigest()", "return text"),
    ),
    mutation(
        "sealed-for-any-row",
        SECRETS + "test_a_sealed_value_opens_in_no_other_row_and_no_other_organization",
        (CRYPTO, 'return f"{place}|{self._organization_id}|{row_id}"', 'return f"{place}|{self._organization_id}"'),
    ),
    mutation(
        "sessions-signed-only",
        SECRETS + "test_what_a_session_holds_is_readable_by_nobody_who_has_the_database_and_the_signing_key",
        ("apicenter/settings.py", '"apicenter.sealed_sessions"', '"django.contrib.sessions.backends.db"'),
    ),
    mutation(
        "sessions-left-with-the-old-key",
        SECRETS + "test_who_is_signed_in_stays_so_when_keys_are_rotated",
        ("apicenter/organizations/management/commands/rotate_keys.py", "sealed_sessions.seal_again()", "1"),
    ),
    mutation(
        "rotation-writes-over-a-request",
        SECRETS + "test_what_a_request_writes_while_keys_are_rotated_stays",
        (SESSIONS, "sessions.filter(pk=key, session_data=stored)", "sessions.filter(pk=key)"),
    ),
    mutation(
        "session-of-a-lost-key-is-a-fault",
        SECRETS + "test_a_session_sealed_with_a_key_that_is_gone_is_an_empty_one",
        (SESSIONS, "        except Undecryptable:\n            return {}", "        finally:\n            pass"),
        raises="Undecryptable",  # what a page would end with
    ),
    mutation(
        "old-key-brought-back",
        SECRETS + "test_keys_are_rotated_while_people_work",
        (
            "apicenter/organizations/models.py",
            'if not self._state.adding and kwargs.get("update_fields") is None:',
            "if False:",
        ),
        raises="Undecryptable",  # what is stored cannot be opened any more
    ),
    mutation(
        "secret-shown-in-its-form",
        SECRETS + "test_no_page_answer_export_or_letter_shows_a_secret",
        (
            FORM,
            'initial="" if is_kept or self.connection is None else self.connection.settings.get(one.name, "")',
            'initial=self.connection.read_secrets().get(one.name, "") if self.connection else ""',
        ),
        (FORM, "forms.PasswordInput(attrs=attributes)", "forms.PasswordInput(attrs=attributes, render_value=True)"),
    ),
    mutation(
        "contents-stored-with-secrets",
        "tests/flows/test_stored_contents.py::test_what_was_sent_is_kept_without_secrets_and_sent_with_them",
        ("flows/engine/store.py", "work.vault.seal(redact(exchange)", "work.vault.seal(dict(exchange)"),
    ),
    mutation(
        "log-lines-as-they-are",
        SECRETS + "test_a_fault_that_quotes_a_secret_shows_it_nowhere",
        ("apicenter/logs.py", "return blot(str(line))", "return str(line)"),
    ),
    mutation(
        "texts-that-look-secret-left",
        SECRETS + "test_what_looks_like_a_secret_is_taken_out",
        (BLOTTING, "return PATTERNS.sub(_without, text)", "return text"),
    ),
    mutation(
        "secrets-in-use-not-looked-for",
        SECRETS + "test_what_is_a_secret_is_taken_out_whatever_it_looks_like",
        (BLOTTING, "if _known is not None:", "if False:"),
    ),
    mutation(
        "numbers-by-person",
        SECRETS + "test_the_numbers_for_a_monitoring_system_name_nothing",
        (
            "flows/watching/platform_counts.py",
            '_by(Connection, "state")',
            '_by(Connection, "organization__members__email")',
        ),
    ),
    mutation(
        "addresses-logged-whole",
        "tests/apicenter/test_access_log.py::test_secrets_in_addresses_are_cut_out",
        ("apicenter/access_log.py", 'return SECRET.sub(r"\\1…", text)', "return text"),
    ),
)
