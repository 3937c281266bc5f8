"""Every mutation there is, in the order of docs/security.md."""

from __future__ import annotations

from tests.guard.mutations import apart, people, privacy, records, secret, watching, web
from tests.guard.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *apart.MUTATIONS, *secret.MUTATIONS, *web.MUTATIONS, *people.MUTATIONS, *privacy.MUTATIONS, *records.MUTATIONS,
    *watching.MUTATIONS,
)  # fmt: skip
SHORT = frozenset(
    {
        "scopes-not-asked", "sealed-for-any-row", "secrets-in-use-not-looked-for", "own-addresses-called",
        "second-step-not-asked", "sent-without-an-intent", "sent-again-without-looking", "late-worker-saves",
        "page-passed-before-it-is-stored", "dead-dispatcher-not-noticed",
    }
)  # fmt: skip
