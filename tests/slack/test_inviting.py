"""Each voter is invited by one direct message, whatever dies between the claim and the note of it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.slack.projectors.direct_message_slots import direct_slot
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import WithdrawThreat
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from tests.slack.slack_team import DIRECT, QUICK, SlackTeam, run_bot
from tests.slack.voting_steps import begin_analysis_with, direct_messages_of, open_round_for, person_id
from tests.waiting import patient_sandbox

SOON = replace(QUICK, file_poll_seconds=0.2)
"""A pace at which what was left alone is gone on with at once."""
VOTERS = ("ana", "ben", "chi")


def test_an_invitation_that_was_claimed_and_not_sent_is_sent_by_the_next_start(tmp_path: Path) -> None:
    with invited(tmp_path, but="ben") as team:
        team.wait(lambda: direct_messages_of(team, "ben"))
        assert "Vote on 1 threat" in direct_messages_of(team, "ben")[-1].plain
        team.wait(lambda: noted(team, "ben").external_id == direct_messages_of(team, "ben")[-1].ts)
        assert all(len(direct_messages_of(team, who)) == 1 for who in VOTERS)


def test_an_invitation_that_was_sent_and_not_noted_is_found_and_kept_true(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox) as team:
            everybody_invited(team)
            sent = direct_messages_of(team, "ben")[-1]
            assert sent.metadata is not None
            team.bot.stop()
            before = noted(team, "ben")
            team.unit.deliveries.put(replace(before, external_id="", shown="", attempt="a1"))
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            back.wait(lambda: noted(back, "ben").external_id == sent.ts)
            assert [one.ts for one in direct_messages_of(back, "ben")] == [sent.ts], "not sent again"


def test_an_invitation_whose_answer_was_lost_is_found_by_the_same_bot(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=SOON) as team:
        begin_analysis_with(team, "Curtains left open")
        team.wait_for_channels()
        team.sandbox.faults.fail_next("chat.postMessage", "answer_lost", about=DIRECT)
        open_round_for(team, *VOTERS)
        team.wait(
            lambda: all(direct_messages_of(team, who) and noted(team, who).external_id for who in VOTERS)
        )
        assert all(len(direct_messages_of(team, who)) == 1 for who in VOTERS)


def test_an_invitation_that_slack_broke_down_over_is_sent_after_all(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=SOON) as team:
        begin_analysis_with(team, "Curtains left open")
        team.wait_for_channels()
        team.sandbox.faults.fail_next("chat.postMessage", "fatal_error", times=2, about=DIRECT)
        open_round_for(team, *VOTERS)
        team.wait(
            lambda: all(direct_messages_of(team, who) and noted(team, who).external_id for who in VOTERS)
        )
        assert all(len(direct_messages_of(team, who)) == 1 for who in VOTERS)


def test_while_the_messages_cannot_be_read_nothing_is_sent_twice(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=SOON) as team:
        begin_analysis_with(team, "Curtains left open")
        team.wait_for_channels()
        team.sandbox.faults.fail_next("chat.postMessage", "answer_lost", about=DIRECT)
        team.sandbox.faults.fail_next("conversations.history", "server_error", times=2)
        open_round_for(team, *VOTERS)
        team.wait(
            lambda: all(direct_messages_of(team, who) and noted(team, who).external_id for who in VOTERS)
        )
        assert len(team.sandbox.calls_of("conversations.history")) >= 3
        assert all(len(direct_messages_of(team, who)) == 1 for who in VOTERS)


def test_no_one_is_invited_to_a_round_that_has_ended(tmp_path: Path) -> None:
    with invited(tmp_path, but="ben", over=True) as team:
        # The slot is over, and dropped by the next look at it.
        team.wait(lambda: not noted(team, "ben").attempt)
        assert not direct_messages_of(team, "ben")


@contextmanager
def invited(tmp_path: Path, *, but: str, over: bool = False) -> Generator[SlackTeam]:
    """A bot that comes back where one died that had claimed somebody's invitation, and not sent it."""
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox) as team:
            begin_analysis_with(team, "Curtains left open")
            passed_over = replace(noted(team, but), final=True)
            assert team.unit.deliveries.add_missing(passed_over)
            open_round_for(team, *VOTERS)
            team.wait(lambda: all(direct_messages_of(team, who) for who in VOTERS if who != but))
            if over:
                end(team)
            assert not direct_messages_of(team, but)
            team.bot.stop()
            team.unit.deliveries.put(replace(passed_over, attempt="a1", final=False))
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            yield back


def everybody_invited(team: SlackTeam) -> RoundId:
    begin_analysis_with(team, "Curtains left open")
    round_ = open_round_for(team, *VOTERS)
    team.wait(lambda: all(direct_messages_of(team, who) and noted(team, who).external_id for who in VOTERS))
    return round_


def end(team: SlackTeam) -> None:
    """Have the only threat of the round withdrawn."""
    withdraw = WithdrawThreat(by=person_id(team, "ana"), at=team.now(), threat=ThreatId("TH-1"))
    team.command_handler.execute(withdraw, stream=team.streams[0], key=team.key())


def noted(team: SlackTeam, who: str) -> DeliveryRecord:
    """What the bot has noted down of somebody's invitation."""
    unnoted = direct_slot("invitation", team.streams[0], RoundId("RD-1"), person_id(team, who))
    return team.unit.deliveries.find(unnoted.slot) or unnoted
