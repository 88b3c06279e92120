"""Cases 1 and 14: what comes twice counts once, whoever repeats it."""

import os
import signal
from pathlib import Path

from tests.cases.case_actions import add_asset, asset_names, database_locked, fill_asset_form, recorded_events
from tests.cases.processes import bot_database, manifest_for, serve_process, start_model
from tests.slack.slack_team import RunningBot, Transport, run_at_the_same_time, run_bot
from tests.waiting import patient_sandbox


def test_commands_presses_submissions_and_events_that_come_twice_count_once(either_way: RunningBot) -> None:
    there = either_way
    there.sandbox.faults.repeats = 1_000
    there.start()
    there.person("ana").close()
    add_asset(there, "ben", "Valuables")
    add_asset(there, "ben", "The cat")
    there.command("ben", "/threatmodel undo")
    there.person("chi").click(there.card("Assets  1"), "More…")
    there.person("chi").click(there.modal("chi", "More"), "Take over")
    there.card("Facilitator: Chi")
    assert recorded_events(there) == [
        "ThreatModelStarted",
        "AssetAdded",
        "AssetAdded",
        "ElementRemoved",
        "FacilitatorChanged",
    ]
    assert asset_names(there) == ["Valuables"]
    assert len(there.cards()) == 1
    there.command("ben", "/threatmodel help")
    said = [one for who in ("ana", "ben", "chi") for one in there.whispers(who)]
    assert [one for one in said if "three seconds" in one] == [], (
        "every form was there; nobody is told otherwise"
    )


def test_a_mention_that_comes_again_under_another_event_id_counts_once(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    add_asset(there, "ben", "Valuables")
    add_asset(there, "ben", "The cat")
    there.person("ben").say("#house", "@threatmodel undo")
    there.wait(lambda: asset_names(there) == ["Valuables"])
    mention = next(one for one in there.sandbox.deliveries if event_of(one.payload) == "app_mention")
    for number in range(3):
        again = {**mention.payload, "event_id": f"Ev0REPEATED{number}"}
        assert there.sandbox.client.sender.send("events_api", again).acked
    assert asset_names(there) == ["Valuables"], "undone once, not four times"


def test_the_same_submission_over_and_over_at_the_same_moment_counts_once(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    submission = add_asset(there, "ben", "Valuables")
    run_at_the_same_time(*[lambda: there.sandbox.repeat(submission)] * 6)
    assert recorded_events(there) == ["ThreatModelStarted", "AssetAdded"]


def test_an_ack_that_comes_too_late_and_a_second_try_make_one_answer(
    tmp_path: Path, transport: Transport
) -> None:
    """Slack says it had trouble connecting, while the bot did record; the person sends the form again."""
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport, ack_seconds=2.0) as slack,
        run_bot(tmp_path / "threatmodel.db", sandbox=slack, transport=transport) as there,
    ):
        there.start()
        there.person("ana").close()
        fill_asset_form(there, "ben", "Valuables")
        with database_locked(there):
            late = there.submit("ben")
        assert not late.acked
        assert late.error == "We had some trouble connecting. Try again?"
        assert there.modal("ben", "Add asset").values["Name"] == "Valuables", "the form is still there"
        there.wait(lambda: asset_names(there) == ["Valuables"])
        assert there.submit("ben").acked
        assert there.person("ben").modal is None
        assert recorded_events(there) == ["ThreatModelStarted", "AssetAdded"]
        there.card("Assets  1")


def test_a_bot_that_was_frozen_for_a_while_counts_every_try_as_the_one_answer_it_is(
    tmp_path: Path, transport: Transport
) -> None:
    """As when a virtual machine is moved; what was brought meanwhile is read when it thaws, all at once."""
    database = tmp_path / "threatmodel.db"
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport, ack_seconds=2.0) as slack,
        bot_database(slack, database) as there,
        serve_process(slack, database, transport) as bot,
    ):
        start_model(there)
        there.card("TM-1")
        fill_asset_form(there, "ben", "Valuables")
        os.killpg(bot.pid, signal.SIGSTOP)
        # The signal takes a moment to reach every thread, in which the bot would still answer.
        there.wait(lambda: Path(f"/proc/{bot.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        assert [there.submit("ben").acked for _ in range(2)] == [False] * 2
        os.killpg(bot.pid, signal.SIGCONT)
        there.wait(lambda: asset_names(there) == ["Valuables"])
        there.card("Assets  1")
        assert there.submit("ben").acked
        assert there.person("ben").modal is None
        assert recorded_events(there) == ["ThreatModelStarted", "AssetAdded"]


def test_somebody_who_changes_their_words_before_the_second_try_keeps_the_last_ones(
    either_way: RunningBot,
) -> None:
    there = either_way
    there.start()
    fill_asset_form(there, "ben", "Valuables")
    there.sandbox.faults.lost_acks_of_acts = 1
    assert not there.submit("ben").acked
    there.person("ben").fill("Name", "Valuables and cash")
    there.submit("ben")
    form = there.modal("ben", "Revise asset")
    assert "saved already as AS-1" in form.plain
    there.submit("ben")
    assert asset_names(there) == ["Valuables and cash"]


def event_of(payload: dict[str, object]) -> str:
    event = payload.get("event")
    return str(event.get("type")) if isinstance(event, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
