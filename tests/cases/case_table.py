"""The thirty-two failure cases: what brings each about, and the tests that tell it."""

import msgspec


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a day goes wrong.

    `injected` names what brings it about: members of the sandbox, of its `faults`, or of tests.cases (with a
    colon); `tests` are those of this folder that tell the case, `elsewhere` others that say more of it.
    """

    number: int
    case: str
    fault: str
    injected: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def _in(file: str, *tests: str) -> tuple[str, ...]:
    return tuple(f"{file}::{test}" for test in tests)


CASES = (
    Case(
        number=1,
        case="Slack brings something twice, also under another id",
        fault="every delivery is repeated; a mention comes again as another event",
        injected=("faults.repeats", "repeat"),
        tests=_in(
            "test_repeats.py",
            "test_commands_presses_submissions_and_events_that_come_twice_count_once",
            "test_a_mention_that_comes_again_under_another_event_id_counts_once",
            "test_the_same_submission_over_and_over_at_the_same_moment_counts_once",
        ),
    ),
    Case(
        number=2,
        case="the bot dies at any moment",
        fault="SIGKILL after the ack, while it waits to write, and between record and ack",
        injected=("processes:kill_process", "faults.lost_acks", "case_actions:database_locked"),
        tests=_in(
            "test_crashes.py",
            "test_dead_right_after_the_ack_the_answer_is_kept",
            "test_dead_before_the_ack_nothing_is_kept_and_the_form_is_still_there",
            "test_dead_between_the_record_and_the_ack_the_second_try_counts_as_the_first",
        ),
        elsewhere=("slack/test_killed.py::test_whatever_was_acknowledged_outlives_every_kill",),
    ),
    Case(
        number=3,
        case="the bot dies after a post and before it notes where that is",
        fault="SIGKILL in the moment in which the workspace shows the card",
        injected=("workspace.on_change", "processes:kill_process"),
        tests=_in(
            "test_crashes.py",
            "test_after_a_kill_between_post_and_record_one_card_remains_after_a_click",
        ),
        elsewhere=("nudges/test_torture.py::test_killed_tickers_lose_and_duplicate_nothing",),
    ),
    Case(
        number=4,
        case="a restart over the moment at which something was due",
        fault="the bot is stopped, the clock is moved past two due times, the bot is started",
        injected=("clock.move", "processes:serve_process"),
        tests=_in(
            "test_nudges.py",
            "test_after_a_time_away_what_was_due_comes_once_in_one_message_and_says_that_it_is_late",
        ),
    ),
    Case(
        number=5,
        case="two bots on one database, or a database on a network disk",
        fault="a second `serve` on the same file; a mount table that names a network file system",
        injected=("processes:serve_process",),
        tests=_in(
            "test_two_bots.py",
            "test_a_second_bot_on_the_same_file_is_refused_and_the_first_one_works_on",
            "test_a_file_on_a_network_disk_is_not_served_at_all",
        ),
        elsewhere=(
            "cli/test_serving_lock.py::test_a_second_process_is_refused_and_names_the_first",
            "store/contract/test_work.py::test_a_touched_row_is_claimed_once_until_it_is_touched_again",
        ),
    ),
    Case(
        number=6,
        case="clocks change, and people move between zones",
        fault="the clock is moved over a change to summer time; somebody's zone changes before the send",
        injected=("clock.move", "change_person"),
        tests=_in(
            "test_people.py",
            "test_someone_who_moved_without_a_word_is_in_their_new_time_zone_within_ten_minutes",
            "test_a_change_that_slack_told_of_counts_at_once",
        )
        + _in(
            "test_nudges.py",
            "test_who_moved_before_it_was_sent_is_reminded_when_they_work_where_they_are_now",
        ),
        elsewhere=_in(
            "domain/test_nudges.py",
            "test_hours_that_the_change_to_summer_time_leaves_out_are_made_up_for_the_day_after",
            "test_an_hour_that_is_there_twice_brings_one_nudge",
        ),
    ),
    Case(
        number=7,
        case="due on a Friday evening, in quiet hours, on a holiday",
        fault="the clock is moved to a weekend and to a holiday; do-not-disturb is Slack's own",
        injected=("clock.move",),
        tests=_in(
            "test_nudges.py",
            "test_outside_working_hours_it_is_held_back_until_the_next_morning_and_says_why",
            "test_what_falls_on_a_holiday_comes_on_the_day_after",
        ),
    ),
    Case(
        number=8,
        case="done, reassigned or snoozed between the tick and the send",
        fault="the call before the send is slow, and somebody presses *Done* meanwhile",
        injected=("faults.holding",),
        tests=_in(
            "test_nudges.py",
            "test_what_is_done_between_the_tick_and_the_send_is_not_sent_and_says_why",
        ),
        elsewhere=(
            "slack/test_nudges.py::test_what_was_done_meanwhile_is_not_done_again_from_an_old_message",
        ),
    ),
    Case(
        number=9,
        case="a round is closed early; a ballot comes after the closing",
        fault="a submission is held up and overtaken by the closing",
        injected=("faults.reorder", "clock.move"),
        tests=_in(
            "test_ballots.py",
            "test_a_ballot_that_the_closing_overtook_is_refused_in_words_and_stays_in_the_form",
            "test_of_a_round_that_was_closed_early_no_one_is_reminded_any_more",
        ),
        elsewhere=_in(
            "slack/test_voting.py",
            "test_a_ballot_before_its_round_is_opened_is_refused_in_words",
            "test_a_ballot_after_the_closing_is_refused_in_words_and_what_was_typed_stays",
        )
        + _in(
            "slack/test_rounds.py",
            "test_a_ballot_that_arrives_while_the_facilitator_closes_is_counted_or_refused_in_words",
        ),
    ),
    Case(
        number=10,
        case="the last two ballots at the same moment; the reveal fails",
        fault="two submissions at once; Slack breaks down over the result and over the card",
        injected=("faults.fail_next",),
        tests=_in(
            "test_ballots.py",
            "test_the_last_two_ballots_at_once_end_the_round_once_and_the_result_is_told_until_it_is_there",
        ),
        elsewhere=_in(
            "slack/test_two_processes.py",
            "test_two_last_ballots_at_once_to_two_processes_close_the_round_once_and_both_count",
        )
        + _in(
            "store/test_rounds.py",
            "test_the_last_two_ballots_at_once_from_two_processes_close_the_round_once",
        ),
    ),
    Case(
        number=11,
        case="somebody changes their ballot; everybody is curious",
        fault="none: every payload and call is looked through",
        injected=("exchanges", "api_calls"),
        tests=_in(
            "test_ballots.py",
            "test_a_ballot_that_was_changed_counts_as_it_is_and_neither_is_told_to_anyone_before",
        ),
        elsewhere=_in(
            "slack/test_sealed.py",
            "test_whatever_is_in_open_ballots_everyone_else_is_told_the_same",
        )
        + _in(
            "slack/test_sealed_surfaces.py",
            "test_whatever_is_in_open_ballots_the_bot_sends_and_logs_the_same",
        ),
    ),
    Case(
        number=12,
        case="what “anonymous” means",
        fault="none: the form is read",
        tests=_in(
            "test_ballots.py",
            "test_the_form_says_what_is_secret_and_that_the_bot_knows_who_has_not_voted",
        ),
    ),
    Case(
        number=13,
        case="a form or page comes more than three seconds after the press",
        fault="slow calls while the workspace's clock moves on; calls of which no answer comes",
        injected=("faults.holding", "clock.move", "faults.fail_next"),
        tests=_in(
            "test_views.py",
            "test_a_form_that_took_more_than_three_seconds_is_offered_again",
            "test_a_press_on_the_card_that_came_too_late_is_offered_again",
            "test_a_shortcut_that_came_too_late_is_offered_again_by_direct_message",
            "test_a_page_that_came_too_late_for_the_top_of_another_takes_its_place",
            "test_a_form_that_slack_did_not_answer_for_is_offered_again",
        )
        + _in("test_limits.py", "test_a_form_that_would_have_to_wait_too_long_is_offered_again"),
    ),
    Case(
        number=14,
        case="an ack comes too late, and the person sends the form again",
        fault="the file is locked for longer than Slack waits; an ack is lost; the process is frozen",
        injected=("case_actions:database_locked", "faults.lost_acks"),
        tests=_in(
            "test_repeats.py",
            "test_an_ack_that_comes_too_late_and_a_second_try_make_one_answer",
            "test_a_bot_that_was_frozen_for_a_while_counts_every_try_as_the_one_answer_it_is",
            "test_someone_who_changes_their_words_before_the_second_try_keeps_the_last_ones",
        ),
    ),
    Case(
        number=15,
        case="a view that changed or was closed meanwhile; buttons and forms of an old release",
        fault="views are closed and turned under the bot's hands; payloads as an older bot wrote them",
        injected=("faults.holding", "client"),
        tests=_in(
            "test_views.py",
            "test_a_form_that_was_closed_while_its_words_were_checked_has_its_outcome_told",
            "test_a_page_turned_twice_at_once_shows_one_of_them_and_breaks_nothing",
            "test_a_button_of_an_old_release_is_refused_kindly_and_does_nothing",
            "test_a_form_of_an_old_release_is_refused_kindly_and_says_so_in_its_place",
        ),
    ),
    Case(
        number=16,
        case="Slack says: not so fast",
        fault="single calls and a share of all calls are refused with 429 and a time to wait",
        injected=("faults.fail_next", "faults.share"),
        tests=_in(
            "test_limits.py",
            "test_forty_answers_while_slack_says_slow_down_become_one_update",
            "test_a_card_never_goes_back_to_what_it_showed_before",
            "test_a_form_waits_as_long_as_slack_says_and_opens_then",
        ),
        elsewhere=("slack/test_flood.py::test_a_flood_of_answers",),
    ),
    Case(
        number=17,
        case="more than a message, a form or the Home tab holds",
        fault="two hundred of everything, sixty models: the sandbox refuses what Slack refuses",
        tests=_in(
            "test_limits.py",
            "test_two_hundred_of_everything_and_two_hundred_threats_are_shown_page_by_page",
            "test_a_channel_with_sixty_models_is_listed_in_what_one_message_holds",
        ),
        elsewhere=("slack/test_hostile.py::test_a_list_of_two_hundred_is_turned_page_by_page",),
    ),
    Case(
        number=18,
        case="the card was deleted, or may not be changed any more",
        fault="the message is deleted; updates are refused for good",
        injected=("delete_message", "faults.fail_next"),
        tests=_in(
            "test_channels.py",
            "test_a_card_that_someone_deleted_is_posted_again_with_the_next_answer",
            "test_a_card_that_may_not_be_changed_any_more_is_posted_again",
        ),
    ),
    Case(
        number=19,
        case="the bot is not in the channel, which may be one that it cannot even see",
        fault="a public and a private channel without the bot",
        injected=("remove_bot", "invite_bot", "quietly"),
        tests=_in(
            "test_channels.py",
            "test_where_the_bot_is_not_the_asker_is_told_how_to_invite_it_and_types_nothing_twice",
        ),
    ),
    Case(
        number=20,
        case="the channel is archived, renamed, made private or deleted",
        fault="the channel is changed, with the event and without it",
        injected=("change_channel", "delete_channel", "quietly", "ask_to_reconnect"),
        tests=_in(
            "test_channels.py",
            "test_in_an_archived_channel_everything_rests_and_goes_on_when_it_is_in_use_again",
            "test_an_archived_channel_is_detected_without_an_event",
            "test_a_renamed_channel_changes_nothing",
            "test_a_channel_made_private_goes_on_among_its_members_alone",
            "test_a_deleted_channel_is_said_to_the_facilitator_once_and_loses_nothing",
        ),
    ),
    Case(
        number=21,
        case="the bot is thrown out and invited again",
        fault="the bot is removed, with the event and without it; somebody joins meanwhile",
        injected=("remove_bot", "invite_bot", "quietly"),
        tests=_in(
            "test_channels.py",
            "test_thrown_out_it_tells_the_facilitator_once_and_invited_again_it_catches_up",
            "test_thrown_out_in_silence_it_says_so_once_it_finds_out",
        ),
    ),
    Case(
        number=22,
        case="whoever is responsible is gone, a bot, or a guest",
        fault="accounts are changed; direct messages to them are refused",
        injected=("deactivate", "reactivate", "change_person", "faults.fail_next"),
        tests=_in(
            "test_people.py",
            "test_someone_whose_account_was_deactivated_cannot_answer_and_is_not_lost",
            "test_a_bot_cannot_answer",
            "test_a_guest_of_the_channel_answers_like_everyone_else",
            "test_a_facilitator_who_is_gone_is_written_to_at_most_once_and_anyone_takes_over",
        )
        + _in(
            "test_nudges.py",
            "test_an_owner_who_left_is_not_reminded_and_the_facilitator_is_asked_once_to_reassign",
            "test_an_approver_who_left_is_not_reminded_and_the_facilitator_is_asked_once_to_see_to_it",
        ),
    ),
    Case(
        number=23,
        case="other organisations see the channel, from the beginning or later",
        fault="the channel is shared, with the event and without it; somebody of a partner acts in it",
        injected=("change_channel", "change_channel_id", "add_person", "quietly"),
        tests=_in(
            "test_sharing.py",
            "test_a_private_channel_that_is_shared_gets_another_id_and_its_model_goes_with_it",
            "test_in_a_shared_channel_a_start_is_refused_unless_an_administrator_makes_it",
            "test_strangers_see_nothing_and_change_nothing_wherever_they_press",
            "test_shared_later_it_warns_says_nothing_more_and_goes_on_once_that_is_taken_back",
            "test_shared_later_it_goes_on_once_an_administrator_allows_it",
            "test_shared_in_silence_it_is_found_out_by_the_next_look",
        )
        + _in(
            "test_ballots.py",
            "test_the_ballot_of_someone_of_another_organisation_is_refused_like_every_answer_of_theirs",
        ),
    ),
    Case(
        number=24,
        case="somebody takes no direct messages",
        fault="opening the direct messages is refused in Slack's words",
        injected=("faults.fail_next",),
        tests=_in("test_people.py", "test_a_person_who_refuses_direct_messages_gets_no_more"),
        elsewhere=_in(
            "slack/test_nudges.py",
            "test_someone_whom_slack_does_not_let_the_bot_write_to_is_told_of_to_the_facilitator_once",
        ),
    ),
    Case(
        number=25,
        case="Slack withdraws the permission, or a part of it",
        fault="the token is revoked, with the event and without it; calls want a scope that is not there",
        injected=("revoke_token", "restore_token", "faults.fail_next"),
        tests=_in(
            "test_permissions.py",
            "test_a_revoked_token_stops_every_call_keeps_every_answer_and_shows_in_health",
            "test_a_token_of_someone_else_that_is_revoked_stops_nothing",
            "test_a_withdrawn_permission_of_which_no_event_told_is_found_out_at_the_first_call",
            "test_after_a_reinstallation_it_shows_all_changes",
            "test_a_scope_that_is_missing_stops_every_call_and_is_told_in_health",
        ),
    ),
    Case(
        number=26,
        case="the connection is deaf or gone; the bot is asked to end",
        fault="the connection says nothing, or ends without a word; SIGTERM while people answer",
        injected=("drop_connections",),
        tests=_in(
            "test_connections.py",
            "test_a_dead_connection_is_renewed",
            "test_a_connection_that_ends_without_a_word_shows_in_health_and_is_opened_again",
            "test_asked_to_end_while_people_answer_it_keeps_what_it_acknowledged_and_ends_in_time",
        ),
    ),
    Case(
        number=27,
        case="more members than Slack hands out at once; what is known of people grows old",
        fault="a channel of 450; a zone changes without an event",
        injected=("case_actions:fill_channel", "change_person", "quietly"),
        tests=_in(
            "test_people.py",
            "test_every_member_of_a_very_large_channel_may_answer_the_last_page_too",
            "test_someone_who_moved_without_a_word_is_in_their_new_time_zone_within_ten_minutes",
        ),
    ),
    Case(
        number=28,
        case="replayed, foreign and forged requests",
        fault="signed bodies are sent again, late, and changed; payloads name others' workspaces and models",
        injected=("http.signed", "client"),
        tests=_in(
            "test_attackers.py",
            "test_a_replayed_request_counts_once_and_later_is_refused",
            "test_a_request_of_yesterday_is_refused_however_well_it_was_signed",
            "test_a_signature_of_someone_else_or_of_other_words_is_refused",
            "test_a_request_from_another_workspace_changes_nothing",
            "test_what_a_forged_button_says_is_decided_by_the_store",
        ),
    ),
    Case(
        number=29,
        case="words that want to be more: mentions, links, turned letters, formulas, far too many",
        fault="people type them wherever something may be typed",
        tests=_in(
            "test_hostile_words.py",
            "test_words_stay_words_wherever_they_are_shown",
            "test_a_name_of_three_thousand_letters_is_refused_beside_its_field_and_stays_there",
            "test_what_a_program_reads_of_a_formula_is_the_text_as_it_was_said",
        )
        + _in(
            "test_patterns.py",
            "test_no_text_of_a_hundred_kilobytes_holds_a_pattern_up",
            "test_patterns_that_grow_with_the_square_of_a_text_are_found",
            "test_whatever_reads_what_people_write_is_done_with_a_hundred_kilobytes_soon",
            "test_every_pattern_is_one_that_is_tried_or_made_of_names",
        ),
    ),
    Case(
        number=30,
        case="Slack is out of order",
        fault="every call fails, with 5xx, `fatal_error`, or without an answer",
        injected=("faults.share", "faults.clear"),
        tests=_in(
            "test_outages.py",
            "test_through_an_outage_of_slack_every_answer_is_kept_and_shown_after_it",
            "test_an_answer_that_waits_for_a_look_at_slack_waits_through_an_outage",
            "test_an_answer_that_comes_after_half_an_hour_comes_by_direct_message",
        ),
    ),
    Case(
        number=31,
        case="the disk is full, or the file is locked",
        fault="the kernel lets the process write no further during a submission; another holds the file",
        injected=("test_disk:full_disk", "case_actions:database_locked"),
        tests=_in(
            "test_disk.py",
            "test_with_a_full_disk_the_form_stays_open_with_its_words_and_a_sentence",
            "test_with_the_file_locked_by_someone_else_it_says_so_in_time_and_the_form_stays",
            "test_a_card_that_was_on_its_way_when_the_disk_filled_up_goes_on_as_soon_as_there_is_space",
            "test_a_log_deleted_under_the_running_bot_costs_no_answer",
            "test_erasing_that_a_reader_hindered_is_finished_by_the_running_bot",
        ),
    ),
    Case(
        number=32,
        case="uninstalled and installed again; taken along, and forgotten",
        fault="the app is uninstalled and installed again with another token; an operator exports and erases",
        injected=("uninstall", "reinstall"),
        tests=_in(
            "test_leaving.py",
            "test_uninstalled_it_falls_silent_and_installed_again_it_goes_on_with_the_same_card",
            "test_a_whole_model_can_be_taken_along",
            "test_erased_text_is_nowhere_and_the_chain_stays_valid",
        ),
    ),
)
"""In the order in which they were found in other bots."""

BEYOND = (
    "test_bad_days.py::test_whatever_happens_what_was_promised_is_there_once_and_shown_in_the_end",
    "test_identifiers.py::test_no_sentence_is_compared_or_looked_up",
    "test_identifiers.py::test_a_comparison_with_a_sentence_is_found",
)
"""Tests of no single case."""
