"""Backups, and what watches: what must be noticed when they could fail without a word."""

from __future__ import annotations

from tests.guard.mutations.mutation import Mutation, mutation

BACKUP = "tests/flows/test_backup.py::"
WATCHDOG = "tests/flows/test_watchdog.py::"
TELLING = "tests/flows/test_telling.py::"

BACKUPS: tuple[Mutation, ...] = (
    mutation(
        "backup-of-other-keys",
        BACKUP + "test_a_backup_that_the_present_keys_do_not_open_replaces_nothing",
        ("apicenter/backup.py", "    _check_keys(manifest)\n", ""),
    ),
    mutation(
        "altered-backup",
        BACKUP + "test_a_backup_that_was_cut_off_or_altered_replaces_nothing",
        ("apicenter/backup.py", 'if manifest["sha256"] != _digest(data):', "if False:"),
    ),
)

WATCHED: tuple[Mutation, ...] = (
    mutation(
        "dead-dispatcher-not-noticed",
        WATCHDOG + "test_a_dispatcher_that_died_is_told_once_and_ends_when_it_is_back",
        (
            "flows/watching/watchdog.py",
            "if last is not None and last < now - SILENT_AFTER else None",
            "if False else None",
        ),
    ),
    mutation(
        "told-every-minute",
        WATCHDOG + "test_a_dispatcher_that_died_is_told_once_and_ends_when_it_is_back",
        ("flows/watching/watchdog.py", ".update(told_at=now):", ".update(told_at=None):"),
    ),
    mutation(
        "pages-do-not-look",
        WATCHDOG + "test_the_web_process_notices_for_those_who_cannot",
        ("dashboard/views/health.py", "    look_now_and_then()  #", "    #"),
        raises="DoesNotExist",  # the alarm
    ),
    mutation(
        "ready-without-its-migrations",
        "tests/dashboard/test_health.py::test_ready_means_every_migration_is_there",
        ("dashboard/views/health.py", "    if waiting:\n", "    if False:\n"),
    ),
    mutation(
        "ready-without-its-database",
        "tests/dashboard/test_health.py::test_without_its_database_it_is_not_ready",
        ("dashboard/views/health.py", '"database\\n", status=503', '"database\\n", status=200'),
    ),
    mutation(
        "late-queue-not-noticed",
        WATCHDOG + "test_jobs_that_nobody_takes_up_are_noticed_but_not_those_a_vendor_holds_back",
        ("flows/watching/watchdog.py", "_late_queue(now), ", ""),
    ),
    mutation(
        "letters-not-watched",
        WATCHDOG + "test_letters_that_do_not_go_out_are_noticed_until_one_does",
        ("flows/watching/watchdog.py", ", _unsent_messages(now))", ")"),
    ),
    mutation(
        "full-disk-not-noticed",
        WATCHDOG + "test_a_run_that_says_that_the_disk_is_full_is_told_to_the_operator",
        ("flows/watching/watchdog.py", "_full_disk(), ", ""),
    ),
    mutation(
        "silent-flow-not-noticed",
        WATCHDOG + "test_a_flow_that_fell_silent_is_a_fact_until_something_comes",
        ("flows/watching/silence.py", "        if usual is not None:\n", "        if False:\n"),
    ),
    mutation(
        "stuck-run-not-told",
        TELLING + "test_a_run_that_does_not_get_on_is_told_after_an_hour",
        ("flows/watching/facts.py", "*_flows(), *_runs(), *_causes()", "*_flows(), *_causes()"),
    ),
    mutation(
        "lost-connection-not-told",
        TELLING + "test_a_lost_connection_is_told_once_with_the_way_to_reconnect",
        ("flows/watching/facts.py", "return [*_connections(), *_flows()", "return [*_flows()"),
    ),
    mutation(
        "letter-lost-with-its-server",
        "tests/flows/test_delivering.py::test_a_mail_server_that_is_away_is_tried_again",
        ("apicenter/notifications/outbox.py", "state=State.WAITING if at else State.FAILED", "state=State.FAILED"),
    ),
    mutation(
        "metrics-for-everybody",
        WATCHDOG + "test_metrics_are_for_whoever_has_the_token",
        (
            "dashboard/views/metrics.py",
            "if not token or not secrets.compare_digest(given.encode(), token.encode()):",
            "if not token:",
        ),
    ),
)

MUTATIONS = (*BACKUPS, *WATCHED)
