"""The probe with a person in the thread, who presses, submits and mentions the bot."""

from pathlib import Path

import pytest

from bot.probe.interactive_questions import InteractionListener
from bot.probe.probe_answers import OF_A_PERSON
from bot.sandbox.api import Behavior
from bot.serving_lock import hold_serving_lock
from tests.probe.probe_workspace import (
    ProbeWorkspace,
    open_probe_workspace,
    participant_in,
    workspace_behavior,
)


def test_any_person_in_the_thread_can_answer_every_question_and_nothing_remains(
    place: ProbeWorkspace,
) -> None:
    with participant_in(place, "ben"):
        points = place.probe()
    assert {point["status"] for name, point in points.items() if name != "mention_in_shared_channel"} == {
        "answered"
    }
    assert points["mention_in_shared_channel"] == {"status": "skipped", "reason": "no_channel"}
    assert place.remains() == []
    assert place.left_nothing


def test_the_person_states_where_responses_appeared(place: ProbeWorkspace) -> None:
    workspace_behavior(place, Behavior(response_url_reaches_thread=False))
    with participant_in(place):
        place.probe(only=frozenset({"replies"}))
    assert place.answer("replies") == {
        "response_url": "channel",
        "ephemeral": "thread",
        "replaced": True,
        "uses": 5,
    }


def test_an_expired_trigger_is_recorded_with_its_code(place: ProbeWorkspace) -> None:
    workspace_behavior(place, Behavior(expired_trigger_in_detail=False))
    with participant_in(place):
        place.probe(only=frozenset({"expired_trigger"}))
    assert place.answer("expired_trigger")["opened"]["code"] == "expired_trigger_id"


def test_teams_are_recorded_as_relations_without_ids(place: ProbeWorkspace) -> None:
    with participant_in(place):
        place.probe(only=frozenset({"mention"}))
    assert place.answer("mention") == {
        "outer": "installation",
        "context": "installation",
        "authorizations": "listed",
        "authorization": "installation",
        "actor": "installation",
    }
    assert "T0SANDBOX" not in place.file.read_text()


def test_in_a_shared_channel_any_member_can_mention_the_bot(place: ProbeWorkspace) -> None:
    place.sandbox.change_channel("#general", is_ext_shared=True)
    place.sandbox.add_person("pia", "#general", team="T0PARTNER")
    with participant_in(place, "ana"), participant_in(place, "pia", "#general"):
        place.probe(person="@ana", shared_channel="#general")
    assert place.answer("mention")["actor"] == "installation"
    assert place.answer("mention_in_shared_channel")["actor"] == "other"
    assert place.remains() == []


def test_only_the_named_person_is_awaited(place: ProbeWorkspace) -> None:
    with participant_in(place, "ben"):
        points = place.probe(place.pace(person=1.0), person="@ana")
    assert {points[name]["reason"] for name in OF_A_PERSON} == {"no_person"}
    assert points["direct_message"]["status"] == "answered"


def test_without_a_press_the_other_questions_are_still_answered(place: ProbeWorkspace) -> None:
    points = place.probe(place.pace(person=0.2))
    assert {points[name]["reason"] for name in OF_A_PERSON} == {"no_person"}
    assert points["texts"]["status"] == "answered"
    assert "No one pressed the button: the part with a person is skipped." in place.said
    assert place.remains() == []


def test_only_the_omitted_step_is_skipped(place: ProbeWorkspace) -> None:
    with participant_in(place, without="Open the form, change"):
        points = place.probe(place.pace(person=6.0), only=frozenset({"form", "mention"}))
    assert points["form"] == {"status": "skipped", "reason": "no_answer"}
    assert points["mention"]["status"] == "answered"


def test_no_person_is_asked_while_another_process_is_connected(place: ProbeWorkspace) -> None:
    serving = InteractionListener(
        app_token=place.sandbox.app_token, api_url=place.sandbox.url, connect_seconds=10
    )
    try:
        with participant_in(place):
            points = place.probe()
    finally:
        serving.close()
    assert {points[name]["reason"] for name in OF_A_PERSON} == {"shared_connection"}
    assert any("Stop `threatmodel serve`" in one for one in place.said)
    assert points["canvas"]["status"] == "answered"


def test_no_person_is_asked_while_serve_runs_on_this_machine(place: ProbeWorkspace) -> None:
    with hold_serving_lock(place.settings.database_file):
        points = place.probe(only=frozenset({"replies", "unknown_trigger"}))
    assert points["replies"] == {"status": "skipped", "reason": "shared_connection"}
    assert any("runs `threatmodel serve`" in one and "Stop the other process" in one for one in place.said)
    assert points["unknown_trigger"]["status"] == "answered"


def test_a_failed_socket_mode_connection_is_reported_with_its_reason(place: ProbeWorkspace) -> None:
    place.sandbox.faults.fail_next("apps.connections.open", "forbidden_team")
    points = place.probe(only=frozenset({"replies"}))
    assert points["replies"] == {"status": "skipped", "reason": "no_connection"}
    assert (
        "Socket Mode could not be opened (forbidden_team): the part with a person is skipped." in place.said
    )


def test_without_an_app_token_the_requirements_of_the_personal_steps_are_reported(
    place: ProbeWorkspace,
) -> None:
    place.environment |= {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "0" * 32}
    points = place.probe()
    assert {points[name]["reason"] for name in OF_A_PERSON} == {"no_app_token"}
    assert any(one.startswith("SLACK_APP_TOKEN is not set") for one in place.said)


def test_other_payloads_are_left_for_the_bot(tmp_path: Path) -> None:
    with open_probe_workspace(tmp_path, ack_seconds=0.3, event_retries=()) as place:
        ear = InteractionListener(
            app_token=place.sandbox.app_token, api_url=place.sandbox.url, connect_seconds=10
        )
        try:
            assert not place.sandbox.person("ana").command("#house", "/threatmodel help").acked
        finally:
            ear.close()


@pytest.mark.parametrize(("hands_in", "same"), [(True, "new"), (False, "empty")])
def test_the_form_is_compared_with_what_it_showed(
    place: ProbeWorkspace, *, hands_in: bool, same: str
) -> None:
    workspace_behavior(place, Behavior(update_hands_in_initial_values=hands_in))
    with participant_in(place):
        place.probe(only=frozenset({"form"}))
    assert place.answer("form") == {"same_block_id": same, "new_block_id": "new"}
