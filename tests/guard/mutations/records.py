"""Nothing lost: what must be noticed when a record could be forgotten, sent twice, or booked as something else."""

from __future__ import annotations

from tests.guard.mutations.mutation import Mutation, mutation

RUNNER, QUEUE = "tests/flows/test_runner.py::", "tests/flows/test_queue.py::"
WRITING, UNKNOWN = "tests/flows/engine/test_writing.py::", "tests/flows/engine/test_unknown_outcomes.py::"
FAILURES, HELD = "tests/flows/engine/test_failures.py::", "tests/flows/engine/test_held_records.py::"
POISON, EDGES = (
    "tests/flows/test_poison.py::",
    "tests/flows/test_cursor_edges.py::",
)
BACKUP = "tests/flows/test_backup.py::"
CHECK = "tests/flows/test_reconciliation.py::"
HELD_UP = "tests/flows/test_held_up.py::"
DISPATCHER = "tests/flows/test_dispatcher.py::"
CLOCK = "tests/flows/test_clock.py::"

EXACTLY_ONCE: tuple[Mutation, ...] = (
    mutation(
        "sent-without-an-intent",
        UNKNOWN + "test_a_worker_killed_after_the_reservation_leaves_an_intent_that_is_looked_up",
        ("flows/engine/intents.py", "        insert_each(intents)\n    return", "    return"),
    ),
    mutation(
        "sent-again-without-looking",
        UNKNOWN + "test_an_unknown_outcome_is_looked_up_and_never_sent_twice",
        ("flows/engine/writing.py", "    if len(found) != 1:\n", "    found = []\n    if len(found) != 1:\n"),
    ),
    mutation(
        "unknown-counts-as-failed",
        UNKNOWN + "test_an_unknown_outcome_is_looked_up_and_never_sent_twice",
        (
            "flows/engine/writing.py",
            "exchange=exchange, next_at=look_at, keeps_intent=True",
            "exchange=exchange, next_at=look_at, keeps_intent=False",
        ),
    ),
    mutation(
        "looked-up-too-early",
        UNKNOWN + "test_an_unknown_outcome_rests_for_the_quiet_period",
        ("flows/engine/writing.py", "in intents and intents[one.change.key].look_at <= now]", "in intents]"),
        ("flows/engine/writing.py", "in intents and intents[one.change.key].look_at > now]", "in ()]"),
    ),
    mutation(
        "crash-forgets-the-call-on-its-way",
        RUNNER + "test_a_crashed_create_is_looked_up_only_after_the_lease_and_the_quiet_time",
        (
            "flows/engine/work.py",
            "return now + timedelta(seconds=max(0.0, left - settings.ENV.CALL_DEADLINE_SECONDS)) + self.quiet",
            "return now + self.quiet",
        ),
    ),
    mutation(
        "longer-lease-forgets-its-creates",
        "tests/flows/test_long_steps.py::test_creates_that_leave_under_a_longer_lease_are_looked_up_that_much_later",
        ("flows/engine/work.py", "        mine.update(look_at=self.look_at(timezone.now(), is_prolonged=True))\n", ""),
    ),
    mutation(
        "one-of-several-guessed",
        UNKNOWN + "test_several_finds_are_never_guessed_between",
        (
            "flows/engine/writing.py",
            "    assert one.row is not None\n    if len(found) == 1:",
            "    assert one.row is not None\n    if found:",
        ),
    ),
    mutation(
        "sent-for-ever",
        UNKNOWN + "test_after_three_rounds_a_person_is_asked",
        ("flows/engine/writing.py", "elif intent.rounds >= MOST_ROUNDS:", "elif False:"),
    ),
    mutation(
        "own-fault-counts-as-refusal",
        UNKNOWN + "test_after_a_fault_of_ours_a_create_is_looked_up_before_it_is_sent_again",
        ("flows/engine/writing.py", "isinstance(result, Unexpected | NotFinished)", "isinstance(result, NotFinished)"),
    ),
    mutation(
        "unchanged-sent-again",
        WRITING + "test_creates_what_is_new_and_sends_nothing_the_second_time",
        ("flows/engine/plan.py", "if mark == bound.fingerprint:", "if False:"),
    ),
    mutation(
        "fault-of-the-server-counts-as-refusal",
        "tests/connectors/test_http_answers.py::test_each_status_becomes_one_error",
        (
            "connectors/http.py",
            "            if call.is_create:\n                raise OutcomeUnknown(detail=detail, system=self.system)\n",
            "",
        ),
    ),
    mutation(
        "lost-answer-counts-as-not-sent",
        "tests/connectors/test_http_wire.py::test_a_reset_leaves_a_create_unknown_and_a_read_to_try_again",
        (
            "connectors/http.py",
            "        if call.is_create:\n            return OutcomeUnknown",
            "        if False:\n            return OutcomeUnknown",
        ),
        raises="RemoteUnavailable",  # which says that surely nothing was sent
    ),
    mutation(
        "sent-when-the-lease-ends",
        "tests/connectors/test_http_limits.py::test_a_create_is_not_sent_when_the_lease_would_end_before_the_call",
        (
            "connectors/http.py",
            "if call.is_create and self._send_before and self._send_before() < self.deadline_seconds:",
            "if False:",
        ),
    ),
    mutation(
        "documents-not-looked-for-first",
        BACKUP + "test_what_was_sent_since_the_backup_is_found_and_not_sent_again[orders-salesorder-customerRefNo]",
        ("flows/catalog/selling.py", "if one.code or not values or since is None:", "if True:"),
    ),
    mutation(
        "same-number-twice",
        WRITING + "test_a_second_record_with_the_same_key_is_held",
        ("flows/engine/planning.py", "if owner == record.key or not record.natural_key:", "if True:"),
    ),
    mutation(
        "two-workers-in-a-lane",
        QUEUE + "test_a_second_worker_cannot_claim_a_leased_lane",
        (
            "flows/running/queue.py",
            "            Q(lease_until=None) | Q(lease_until__lt=now) | clock.leased_too_long(now),\n",
            "",
        ),
    ),
    mutation(
        "lease-without-a-fence",
        QUEUE + "test_a_lapsed_lease_is_taken_over_and_the_first_worker_shut_out",
        ("flows/running/queue.py", "fence=lease.fence).update(lease_until=until, ", ").update(lease_until=until, "),
    ),
    mutation(
        "somebody-elses-lease-given-back",
        QUEUE + "test_a_lapsed_lease_is_taken_over_and_the_first_worker_shut_out",
        (
            "flows/running/queue.py",
            "mine = Lane.objects.filter(pk=lease.lane_id, fence=lease.fence)",
            "mine = Lane.objects.filter(pk=lease.lane_id)",
        ),
    ),
    mutation(
        "late-worker-saves",
        RUNNER + "test_a_worker_that_was_too_slow_saves_nothing",
        ("flows/engine/store.py", "        work.guard()\n        _save_bindings", "        _save_bindings"),
    ),
    mutation(
        "late-worker-stores-its-page",
        RUNNER + "test_a_page_read_by_a_worker_that_was_too_slow_is_not_stored",
        (
            "flows/engine/intake.py",
            "    assert work.run is not None\n    work.guard()\n",
            "    assert work.run is not None\n",
        ),
    ),
    mutation(
        "put-off-by-a-clock-that-was-ahead",
        CLOCK + "test_a_lease_that_is_longer_than_one_can_be_keeps_nobody_out",
        ("flows/running/queue.py", " | clock.leased_too_long(now),", ","),
    ),
    mutation(
        "looked-up-right-after-a-jump",
        CLOCK + "test_nothing_is_looked_up_right_after_a_jump_ahead",
        ("flows/engine/writing.py", "    _rest_after_jump(intents.values(), now)\n", ""),
    ),
    mutation(
        "lease-by-the-clock-alone",
        CLOCK + "test_a_lease_ends_by_the_time_that_passed_whatever_the_clock_says",
        ("flows/running/queue.py", "return min(by_the_clock, settings", "return max(by_the_clock, settings"),
    ),
    mutation(
        "mark-of-the-wrong-clock-wiped-away",
        CLOCK + "test_what_was_put_off_by_a_clock_that_was_ahead_within_a_slice_is_due",
        ("flows/running/queue.py", 'return Greatest("served_at", Value(now))', "return Value(now)"),
        ("flows/running/queue.py", ") -> Greatest:", ") -> Value:"),
    ),
    mutation(
        "beat-waits-for-the-old-clock",
        CLOCK + "test_beat_goes_on_when_the_clock_is_put_back",
        ("flows/running/beat.py", "        self._correct()\n", ""),
    ),
    mutation(
        "full-disk-without-a-word",
        HELD_UP + "test_a_failing_database_is_said_on_the_run",
        ("flows/running/runner.py", "            _note_problem(run, code)\n            rest", "            rest"),
    ),
    mutation(
        "two-dispatchers",
        DISPATCHER + "test_a_second_one_is_refused_while_the_first_is_alive",
        (
            "flows/running/dispatcher.py",
            "if not is_new and _is_alive(heart, now) and heart.owner != self.owner:",
            "if False:",
        ),
    ),
    mutation(
        "grant-refreshed-side-by-side",
        "tests/connectors/test_token_crowd.py::test_whoever_looked_before_another_claimed_the_refresh_does_not_ask_too",
        ("connectors/tokens.py", "return bool(claimed)", "return True"),
    ),
    mutation(
        "totals-not-compared-before",
        "tests/flows/test_any_order.py::test_any_order_is_booked_with_its_totals_or_held_with_a_cause",
        ("flows/catalog/sales_lines.py", "    if difference is None:\n        return None\n", "    return None\n"),
    ),
    mutation(
        "totals-not-compared-after",
        "tests/flows/test_confirming.py::test_a_difference_is_shown_and_the_order_is_bound",
        ("flows/documents/confirming.py", "        if code:\n            done", "        if False:\n            done"),
    ),
)

ACCOUNTED_FOR: tuple[Mutation, ...] = (
    mutation(
        "page-passed-before-it-is-stored",
        RUNNER + "test_a_page_that_was_read_and_not_stored_is_read_again[L05-asked0]",
        (
            "flows/engine/intake.py",
            "    planned_by_kind = {\n",
            '    run.position = page.position\n    run.save(update_fields=["position"])\n    planned_by_kind = {\n',
        ),
    ),
    mutation(
        "cursor-moves-before-the-last-page-is-stored",
        RUNNER + "test_a_page_that_was_read_and_not_stored_is_read_again[L09-asked1]",
        (
            "flows/running/runner.py",
            "        planned = intake.take_page(work, page)\n",
            "        if page.position is None:\n            _end_of_reading(work, run)\n"
            "        planned = intake.take_page(work, page)\n",
        ),
    ),
    mutation(
        "cursor-from-another-clock",
        RUNNER + "test_the_cursor_never_passes_the_start_of_the_run",
        (
            "flows/running/runner.py",
            "seen = min(run.seen_until, run.started_at or run.seen_until)",
            "seen = run.seen_until",
        ),
    ),
    mutation(
        "cursor-goes-back",
        RUNNER + "test_the_cursor_never_goes_back",
        (
            "flows/running/runner.py",
            "flow.cursor = max(flow.cursor, seen) if flow.cursor else seen",
            "flow.cursor = seen",
        ),
    ),
    mutation(
        "backfill-moves-the-cursor",
        RUNNER + "test_a_backfill_or_a_trial_moves_no_cursor[options1]",
        ("flows/running/runner.py", "if not run.is_backfill and run.limit is None", "if run.limit is None"),
    ),
    mutation(
        "nothing-read-again",
        RUNNER + "test_reading_a_little_again_costs_no_call",
        ("flows/services.py", "flow.cursor - timedelta(seconds=settings.ENV.CURSOR_LAG_SECONDS)", "flow.cursor"),
    ),
    mutation(
        "same-second-is-same-version",
        EDGES + "test_every_version_that_is_there_in_the_end_is_read",
        ("flows/engine/in_hand.py", "if earlier.created_at - record.modified_at > A_SECOND", "if True or A_SECOND"),
    ),
    mutation(
        "hint-crossed-off-while-it-is-read",
        "tests/flows/test_hints.py::test_a_hint_that_comes_between_the_answer_and_its_storing_is_read_again",
        (
            "flows/running/key_runs.py",
            "KeyToRead.objects.filter(pk__in=keys, times=times).delete()",
            "KeyToRead.objects.filter(pk__in=keys).delete()",
        ),
    ),
    mutation(
        "nothing-found-by-comparing",
        CHECK + "test_what_polling_missed_is_found_and_sent_once",
        ("flows/reconciling/reconciliation.py", "if not row.is_wanted or known.is_known(row):", "if True:"),
    ),
    mutation(
        "gone-there-and-nobody-asked",
        CHECK + "test_what_is_gone_in_the_target_is_a_question_to_a_person",
        ("flows/running/key_runs.py", "if row.why == KeyToRead.Why.TARGET_GONE]", "if False]"),
        raises="DoesNotExist",  # the question
    ),
    mutation(
        "sums-that-do-not-add-up",
        HELD + "test_setting_aside_keeps_the_sum_right",
        ("flows/engine/store.py", "        delta[old] = delta.get(old, 0) - 1\n", ""),
    ),
    mutation(
        "work-deleted-with-old-logs",
        "tests/flows/test_retention.py::test_waiting_records_are_work_and_stay",
        ("flows/log/retention.py", "NEEDED_STATES = (RunRecord.State.WAITING,)", "NEEDED_STATES = ()"),
        raises="DoesNotExist",  # the record that waited
    ),
    mutation(
        "one-record-stops-all",
        POISON + "test_a_record_at_which_our_code_fails_is_held_and_the_others_go_on",
        (
            "flows/engine/poison.py",
            "        if not culprits or len(records) == len(culprits) >= INTERNAL_ERRORS_THAT_PAUSE:",
            "        if True:",
        ),
        raises="ZeroDivisionError",  # the fault of the one record
    ),
    mutation(
        "any-depth",
        POISON + "test_a_record_nested_deeper_than_we_can_walk_is_held",
        ("flows/engine/poison.py", "if isinstance(record, Omitted) or not is_too_deep(record.raw):", "if True:"),
        raises="RecursionError",  # ours, at the record that is too deep
    ),
    mutation(
        "letter-case-tells-records-apart",
        POISON + "test_skus_that_differ_in_letter_case_only_are_one[LAMP-1-codes0]",
        (
            "flows/engine/pairs.py",
            "return natural_key[:LONGEST_LABEL].casefold()[:LONGEST_LABEL]",
            "return natural_key[:LONGEST_LABEL]",
        ),
    ),
    mutation(
        "answers-of-any-size",
        "tests/connectors/test_http_wire.py::test_an_answer_over_the_cap_is_not_taken_in[identity]",
        ("connectors/transport.py", "        if size > SIZE_CAP:\n", "        if False:\n"),
    ),
    mutation(
        "gzip-bombs",
        "tests/connectors/test_http_wire.py::test_an_answer_over_the_cap_is_not_taken_in[gzip]",
        ("connectors/payloads.py", "plain = stream.decompress(raw, cap)", "plain = stream.decompress(raw)"),
    ),
    mutation(
        "dead-server-pressed",
        FAILURES + "test_a_dead_server_stops_the_slice_and_loses_nothing",
        (
            "flows/engine/writing.py",
            "if len(down) >= FAILURES_THAT_MEAN_DOWN and 2 * len(down) >= len(outcomes):",
            "if False:",
        ),
    ),
    mutation(
        "portion-begins-anew",
        "tests/flows/test_interruptions.py::test_a_refused_call_costs_itself_and_no_others[limited_rate-0.2-429]",
        ("flows/running/portions.py", "Memory(stored.get(name), now", "Memory(None, now"),
    ),
    mutation(
        "limit-forgotten",
        "tests/connectors/test_http_limits.py::test_too_many_calls_stops_the_lane",
        ("connectors/http.py", "            self._budget.block(retry_at)\n", ""),
        raises="IndexError",  # no block is noted
    ),
    mutation(
        "faults-of-ours-without-end",
        FAILURES + "test_five_faults_of_ours_in_a_row_pause_the_flow",
        ("flows/engine/writing.py", '        flow.pause("internal")\n', ""),
    ),
    mutation(
        "stop-not-heard",
        "tests/flows/test_stopping.py::test_the_record_under_way_is_finished_and_the_next_run_does_the_rest",
        (
            "flows/running/stopping.py",
            "return Run.objects.filter(pk=run.pk, stop_requested=True).exists()",
            "return False",
        ),
    ),
    mutation(
        "revoked-grant-not-told",
        "tests/connectors/test_token_failures.py::test_a_refused_grant_asks_for_a_person",
        (
            "connectors/tokens.py",
            '            self._connection.mark_problem(AuthError.default_code, {"system": self._connector.title})\n',
            "",
        ),
    ),
)

MUTATIONS = (*EXACTLY_ONCE, *ACCOUNTED_FOR)
