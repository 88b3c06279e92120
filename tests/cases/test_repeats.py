"""Cases 1 and 14: what comes twice counts once, whoever repeats it."""

import os
import signal
from pathlib import Path

from tests.cases.case_actions import add_asset, asset_names, fill_asset_form, recorded_events
from tests.cases.processes import bot_database, manifest_for, serve_process, start_model
from tests.slack.slack_team import SlackTeam, Transport
from tests.waiting import patient_sandbox, waiting_for_acks


def test_a_mention_that_comes_again_under_another_event_id_counts_once(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    add_asset(team, "ben", "Valuables")
    add_asset(team, "ben", "The cat")
    team.person("ben").say("#house", "@threatmodel undo")
    team.wait(lambda: asset_names(team) == ["Valuables"])
    mention = next(one for one in team.sandbox.deliveries if event_of(one.payload) == "app_mention")
    for number in range(3):
        again = {**mention.payload, "event_id": f"Ev0REPEATED{number}"}
        assert team.sandbox.client.sender.send("events_api", again).acked
    assert asset_names(team) == ["Valuables"], "undone once, not four times"


def test_a_bot_that_was_frozen_for_a_while_counts_every_try_as_the_one_answer_it_is(
    tmp_path: Path, transport: Transport
) -> None:
    """As when a virtual machine is moved; what was brought meanwhile is read when it thaws, all at once."""
    database = tmp_path / "threatmodel.db"
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport) as slack,
        bot_database(slack, database) as team,
        serve_process(slack, database, transport) as bot,
    ):
        start_model(team)
        team.card("TM-1")
        fill_asset_form(team, "ben", "Valuables")
        os.killpg(bot.pid, signal.SIGSTOP)
        # The signal takes a moment to reach every thread, in which the bot would still answer.
        team.wait(lambda: Path(f"/proc/{bot.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        with waiting_for_acks(slack, 2.0):
            assert [team.submit("ben").acked for _ in range(2)] == [False] * 2
        os.killpg(bot.pid, signal.SIGCONT)
        team.wait(lambda: asset_names(team) == ["Valuables"])
        team.card("Assets  1")
        assert team.submit("ben").acked
        assert team.person("ben").modal is None
        assert recorded_events(team) == ["ThreatModelStarted", "AssetAdded"]


def event_of(payload: dict[str, object]) -> str:
    event = payload.get("event")
    return str(event.get("type")) if isinstance(event, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
