"""Each voter is invited by one direct message, whatever dies between the claim and the note of it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.store import StreamId
from bot.store.repositories.directs import Direct
from domain.commands import WithdrawThreat
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from tests.patience import patient_sandbox
from tests.slack.crew import QUICK, House, house
from tests.slack.voters import direct, opened, person_id, threatened

SOON = replace(QUICK, look=0.2, lease=0.5)
"""A pace at which what was left alone is gone on with at once."""
VOTERS = ("ana", "ben", "chi")


def test_an_invitation_that_was_claimed_and_not_sent_is_sent_by_the_next_start(tmp_path: Path) -> None:
    with invited(tmp_path, but="ben") as there:
        there.wait(lambda: direct(there, "ben"))
        assert "Please vote on 1 threat" in direct(there, "ben")[-1].plain
        there.wait(lambda: noted(there, "ben").ts == direct(there, "ben")[-1].ts)
        assert all(len(direct(there, who)) == 1 for who in VOTERS)


def test_an_invitation_that_was_sent_and_not_noted_is_found_and_kept_true(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with house(tmp_path / "threatmodel.db", sandbox=sandbox) as there:
            round_ = everybody_invited(there)
            sent = direct(there, "ben")[-1]
            assert sent.metadata is not None
            claim = Direct(stream=there.streams[0], about=round_, person=person_id(there, "ben"))
            there.unit.invitations.keep(replace(claim, digest="a mark"))
            there.bot.stop()
        with house(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            back.wait(lambda: noted(back, "ben").ts == sent.ts)
            assert [one.ts for one in direct(back, "ben")] == [sent.ts], "not sent again"


def test_an_invitation_whose_answer_was_lost_is_found_by_the_same_bot(tmp_path: Path) -> None:
    with house(tmp_path / "threatmodel.db", pace=SOON) as there:
        threatened(there, "Curtains left open")
        there.wait_for_channels()
        there.sandbox.faults.fail_next("chat.postMessage", "answer_lost")
        opened(there, *VOTERS)
        there.wait(lambda: all(direct(there, who) and noted(there, who).ts for who in VOTERS))
        assert all(len(direct(there, who)) == 1 for who in VOTERS)


def test_an_invitation_that_slack_broke_down_over_is_sent_after_all(tmp_path: Path) -> None:
    with house(tmp_path / "threatmodel.db", pace=SOON) as there:
        threatened(there, "Curtains left open")
        there.wait_for_channels()
        there.sandbox.faults.fail_next("chat.postMessage", "fatal_error", times=2)
        opened(there, *VOTERS)
        there.wait(lambda: all(direct(there, who) and noted(there, who).ts for who in VOTERS))
        assert all(len(direct(there, who)) == 1 for who in VOTERS)


def test_while_the_messages_cannot_be_read_nothing_is_sent_twice(tmp_path: Path) -> None:
    with house(tmp_path / "threatmodel.db", pace=SOON) as there:
        threatened(there, "Curtains left open")
        there.wait_for_channels()
        there.sandbox.faults.fail_next("chat.postMessage", "answer_lost")
        there.sandbox.faults.fail_next("conversations.history", "server_error", times=2)
        opened(there, *VOTERS)
        there.wait(lambda: all(direct(there, who) and noted(there, who).ts for who in VOTERS))
        assert len(there.sandbox.calls_of("conversations.history")) >= 3
        assert all(len(direct(there, who)) == 1 for who in VOTERS)


def test_of_a_round_that_is_over_meanwhile_nobody_is_told_that_it_waits(tmp_path: Path) -> None:
    with invited(tmp_path, but="ben", over=True) as there:
        there.wait(lambda: noted(there, "ben").over)
        assert not direct(there, "ben")


@contextmanager
def invited(tmp_path: Path, *, but: str, over: bool = False) -> Generator[House]:
    """A bot that comes back where one died that had claimed somebody's invitation, and not sent it."""
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with house(tmp_path / "threatmodel.db", sandbox=sandbox) as there:
            threatened(there, "Curtains left open")
            stream = there.streams[0]
            invitations = there.unit.invitations
            passed_over = Direct(
                stream=stream, about=RoundId("RD-1"), person=person_id(there, but), over=True
            )
            assert invitations.claim(passed_over)
            opened(there, *VOTERS)
            there.wait(lambda: all(direct(there, who) for who in VOTERS if who != but))
            if over:
                end(there)
            assert not direct(there, but)
            there.bot.stop()
            invitations.keep(replace(passed_over, digest="a mark", over=False))
        with house(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            yield back


def everybody_invited(there: House) -> RoundId:
    threatened(there, "Curtains left open")
    round_ = opened(there, *VOTERS)
    there.wait(lambda: all(direct(there, who) and noted(there, who).ts for who in VOTERS))
    return round_


def end(there: House) -> None:
    """Have the only threat of the round withdrawn."""
    withdraw = WithdrawThreat(by=person_id(there, "ana"), at=there.now(), threat=ThreatId("TH-1"))
    there.workshop.execute(withdraw, stream=there.streams[0], key=there.key())


def noted(there: House, who: str) -> Direct:
    """What the bot has noted down of somebody's invitation."""
    stream: StreamId = there.streams[0]
    unnoted = Direct(stream=stream, about=RoundId("RD-1"), person=person_id(there, who))
    kept = there.unit.invitations.of(stream)
    return kept.get((RoundId("RD-1"), unnoted.person), unnoted)
